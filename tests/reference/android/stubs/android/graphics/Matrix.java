package android.graphics;

public class Matrix {
    int quarters;

    public boolean postRotate(float degrees) {
        quarters += Math.round(degrees / 90);
        return true;
    }
}
