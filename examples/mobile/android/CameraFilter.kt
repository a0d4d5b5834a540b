// Camera frames in a style that can be swapped while they come. Needs CameraX 1.3 or newer beside StyleFilter.kt:
//
//   val camera = CameraFilter { frame -> view.post { view.setImageBitmap(frame) } }
//   camera.swap { StyleFilter.load(context, "models/generic/waves-512x512-fp32.onnx", Accelerator.GENERIC) }
//   val analysis = ImageAnalysis.Builder().setBackpressureStrategy(ImageAnalysis.STRATEGY_KEEP_ONLY_LATEST).build()
//   analysis.setAnalyzer(camera.executor, camera)
package styles

import ai.onnxruntime.OrtException
import android.graphics.Bitmap
import android.graphics.Matrix
import androidx.camera.core.ImageAnalysis
import androidx.camera.core.ImageProxy
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors

/** Paints each frame with the style of the last [swap] and gives it to [show], on one thread of its own. */
class CameraFilter(private val show: (Bitmap) -> Unit) : ImageAnalysis.Analyzer, AutoCloseable {
    val executor: ExecutorService = Executors.newSingleThreadExecutor()
    private val loader: ExecutorService = Executors.newSingleThreadExecutor()
    private var filter: StyleFilter? = null // touched on `executor` alone

    /**
     * Opens another style with [load], while frames go on in the old one, and takes it for the frames after that.
     *
     * Where it does not open, [failed] is told, on another thread, and the old one stays.
     */
    fun swap(failed: (OrtException) -> Unit = {}, load: () -> StyleFilter) {
        loader.execute {
            try {
                val next = load()
                executor.execute {
                    filter?.close()
                    filter = next
                }
            } catch (error: OrtException) {
                failed(error)
            }
        }
    }

    override fun analyze(image: ImageProxy) {
        image.use { frame ->
            val style = filter ?: return
            show(style.stylize(upright(frame)))
        }
    }

    private fun upright(frame: ImageProxy): Bitmap {
        val bitmap = frame.toBitmap()
        val turn = Matrix().apply { postRotate(frame.imageInfo.rotationDegrees.toFloat()) }
        return Bitmap.createBitmap(bitmap, 0, 0, bitmap.width, bitmap.height, turn, true)
    }

    override fun close() {
        loader.shutdown()
        executor.execute {
            filter?.close()
            filter = null
        }
        executor.shutdown()
    }
}
