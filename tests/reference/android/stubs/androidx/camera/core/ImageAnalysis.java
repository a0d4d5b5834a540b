package androidx.camera.core;

import java.util.concurrent.Executor;

public final class ImageAnalysis {
    public static final int STRATEGY_KEEP_ONLY_LATEST = 0;
    private Executor executor;
    private Analyzer analyzer;

    public interface Analyzer {
        void analyze(ImageProxy image);
    }

    public void setAnalyzer(Executor executor, Analyzer analyzer) {
        this.executor = executor;
        this.analyzer = analyzer;
    }

    public void clearAnalyzer() {
        analyzer = null;
    }

    /** Gives a picture to the analyzer, as the camera does. */
    public void show(ImageProxy image) {
        Analyzer taker = analyzer;
        if (taker != null) executor.execute(() -> taker.analyze(image));
    }

    public static final class Builder {
        public Builder setBackpressureStrategy(int strategy) {
            return this;
        }

        public ImageAnalysis build() {
            return new ImageAnalysis();
        }
    }
}
