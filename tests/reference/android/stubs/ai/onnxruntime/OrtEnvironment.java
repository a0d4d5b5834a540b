package ai.onnxruntime;

import android.system.Os;

public final class OrtEnvironment implements AutoCloseable {
    static {
        if (!"1".equals(Os.variables.get("ORT_DISABLE_TELEMETRY"))) throw new IllegalStateException("telemetry is on");
    }

    public static OrtEnvironment getEnvironment() {
        return new OrtEnvironment();
    }

    public OrtSession createSession(byte[] model, OrtSession.SessionOptions options) throws OrtException {
        return new OrtSession(new String(model), options);
    }

    @Override
    public void close() {}
}
