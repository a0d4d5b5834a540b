package ai.onnxruntime;

import java.nio.FloatBuffer;

public class OnnxTensor extends OnnxTensorLike {
    final FloatBuffer data;

    OnnxTensor(FloatBuffer data) {
        this.data = data;
    }

    public static OnnxTensor createTensor(OrtEnvironment env, FloatBuffer data, long[] shape) throws OrtException {
        long size = 1;
        for (long side : shape) size *= side;
        if (data.remaining() != size) throw new OrtException("the buffer does not fit the shape");
        return new OnnxTensor(data.duplicate());
    }

    public FloatBuffer getFloatBuffer() {
        return data.duplicate();
    }

    @Override
    public void close() {}
}
