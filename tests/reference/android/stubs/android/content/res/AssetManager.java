package android.content.res;

import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

public final class AssetManager {
    private final Map<String, String> files;

    public AssetManager(Map<String, String> files) {
        this.files = files;
    }

    public InputStream open(String name) throws IOException {
        String text = files.get(name);
        if (text == null) throw new FileNotFoundException(name);
        return new ByteArrayInputStream(text.getBytes());
    }
}
