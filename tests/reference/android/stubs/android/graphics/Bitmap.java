package android.graphics;

public final class Bitmap {
    public enum Config {
        ALPHA_8,
        RGB_565,
        ARGB_8888,
        RGBA_F16,
        HARDWARE
    }

    private final int[] colors;
    private final int width;
    private final int height;
    private final Config config;

    private Bitmap(int[] colors, int width, int height, Config config) {
        this.colors = colors;
        this.width = width;
        this.height = height;
        this.config = config;
    }

    public static Bitmap createBitmap(int[] colors, int width, int height, Config config) {
        return new Bitmap(colors.clone(), width, height, config);
    }

    /** Turns by quarters alone. */
    public static Bitmap createBitmap(
            Bitmap source, int x, int y, int width, int height, Matrix matrix, boolean filter) {
        Bitmap turned = source;
        for (int quarter = 0; quarter < matrix.quarters; quarter++) turned = turned.turned();
        return turned;
    }

    private Bitmap turned() {
        int[] to = new int[colors.length];
        for (int row = 0; row < height; row++)
            for (int column = 0; column < width; column++)
                to[column * height + height - 1 - row] = colors[row * width + column];
        return new Bitmap(to, height, width, config);
    }

    /** Takes the nearest pixels. */
    public static Bitmap createScaledBitmap(Bitmap source, int width, int height, boolean filter) {
        int[] to = new int[width * height];
        for (int row = 0; row < height; row++)
            for (int column = 0; column < width; column++)
                to[row * width + column] =
                        source.colors[row * source.height / height * source.width + column * source.width / width];
        return new Bitmap(to, width, height, source.config);
    }

    public Bitmap copy(Config config, boolean isMutable) {
        return new Bitmap(colors, width, height, config);
    }

    public void getPixels(int[] to, int offset, int stride, int x, int y, int width, int height) {
        if (config == Config.HARDWARE) throw new IllegalStateException("pixels in graphics memory cannot be read");
        for (int row = 0; row < height; row++)
            System.arraycopy(colors, (y + row) * this.width + x, to, offset + row * stride, width);
    }

    public Config getConfig() {
        return config;
    }

    public int getWidth() {
        return width;
    }

    public int getHeight() {
        return height;
    }
}
