package android.system;

import java.util.HashMap;
import java.util.Map;

public final class Os {
    public static final Map<String, String> variables = new HashMap<>();

    private Os() {}

    public static void setenv(String name, String value, boolean overwrite) throws ErrnoException {
        variables.put(name, value);
    }
}
