package ai.onnxruntime;

import ai.onnxruntime.providers.NNAPIFlags;
import android.system.Os;
import java.nio.FloatBuffer;
import java.util.EnumSet;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Its graph is "height width gain": each number of the picture times the gain. A gain of 0 does not run. */
public class OrtSession implements AutoCloseable {
    public static final AtomicInteger OPEN = new AtomicInteger();
    private final long[] shape;
    private final float gain;
    private final SessionOptions options;

    OrtSession(String model, SessionOptions options) throws OrtException {
        String[] parts = model.trim().split(" ");
        if (parts.length != 3) throw new OrtException("not a graph: " + model);
        if (options.fails) throw new OrtException("the accelerator does not start");
        shape = new long[] {1, 3, Long.parseLong(parts[0]), Long.parseLong(parts[1])};
        gain = Float.parseFloat(parts[2]);
        this.options = options;
        options.sessions++;
        OPEN.incrementAndGet();
    }

    public Map<String, NodeInfo> getInputInfo() throws OrtException {
        return Map.of("image", new NodeInfo("image", new TensorInfo(shape)));
    }

    public Result run(Map<String, ? extends OnnxTensorLike> inputs) throws OrtException {
        if (options.sessions == 0) throw new IllegalStateException("the session is closed");
        if (gain == 0) throw new OrtException("the graph does not run");
        FloatBuffer given = ((OnnxTensor) inputs.get("image")).getFloatBuffer();
        FloatBuffer made = FloatBuffer.allocate(given.remaining());
        for (int place = 0; place < made.capacity(); place++) made.put(place, gain * given.get(place));
        return new Result(new OnnxTensor(made));
    }

    @Override
    public void close() throws OrtException {
        if (--options.sessions < 0) throw new IllegalStateException("the session is closed twice");
        OPEN.decrementAndGet();
    }

    public static class Result implements AutoCloseable {
        private final OnnxValue value;

        Result(OnnxValue value) {
            this.value = value;
        }

        public OnnxValue get(int index) {
            return value;
        }

        @Override
        public void close() {}
    }

    public static class SessionOptions implements AutoCloseable {
        static {
            if (!"1".equals(Os.variables.get("ORT_DISABLE_TELEMETRY"))) throw new IllegalStateException("telemetry is on");
        }

        public static final AtomicInteger OPEN = new AtomicInteger();
        boolean fails;
        int sessions;

        public SessionOptions() {
            OPEN.incrementAndGet();
        }

        public void setIntraOpNumThreads(int threads) throws OrtException {}

        public void addConfigEntry(String key, String value) throws OrtException {}

        public void addXnnpack(Map<String, String> options) throws OrtException {
            fails = true; // as in a library without it
        }

        public void addNnapi(EnumSet<NNAPIFlags> flags) throws OrtException {}

        public void addQnn(Map<String, String> options) throws OrtException {
            throw new OrtException("there is no QNN");
        }

        @Override
        public void close() {
            if (sessions > 0) throw new IllegalStateException("a session needs the options");
            OPEN.decrementAndGet();
        }
    }
}
