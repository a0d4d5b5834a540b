// Camera frames in a style that can be swapped while they come. Needs CameraX 1.3 or newer beside StyleFilter.kt:
//
//   val camera = CameraFilter({ error -> view.post { message.text = error.message } }) { frame ->
//       view.post { view.setImageBitmap(frame) }
//   }
//   camera.swap { StyleFilter.load(context, "models/generic/waves-512x512-fp32.onnx", Accelerator.GENERIC) }
//   val analysis = ImageAnalysis.Builder().setBackpressureStrategy(ImageAnalysis.STRATEGY_KEEP_ONLY_LATEST).build()
//   analysis.setAnalyzer(camera.executor, camera)        // and analysis.clearAnalyzer() before camera.close()
package styles

import ai.onnxruntime.OrtException
import android.graphics.Bitmap
import android.graphics.Matrix
import androidx.camera.core.ImageAnalysis
import androidx.camera.core.ImageProxy
import java.io.IOException
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors

/**
 * Paints each frame with the style of the last [swap] and gives it to [show], on one thread of its own.
 *
 * [failed] is told of a style that does not open and of a frame that cannot be painted, on a thread of this filter.
 */
class CameraFilter(
    private val failed: (Exception) -> Unit,
    private val show: (Bitmap) -> Unit,
) : ImageAnalysis.Analyzer, AutoCloseable {
    val executor: ExecutorService = Executors.newSingleThreadExecutor()
    private val loader: ExecutorService = Executors.newSingleThreadExecutor()
    private var filter: StyleFilter? = null // touched on `executor` alone

    /**
     * Opens another style with [load], while frames go on in the old one, and takes it for the frames after that.
     *
     * Where it does not open, the old one stays. Call this and [close] on one thread; after [close] it does nothing.
     */
    fun swap(load: () -> StyleFilter) {
        if (loader.isShutdown) return
        loader.execute {
            try {
                val next = load()
                executor.execute {
                    filter?.close()
                    filter = next
                }
            } catch (error: OrtException) {
                failed(error)
            } catch (error: IOException) { // it is not among the app's assets
                failed(error)
            }
        }
    }

    override fun analyze(image: ImageProxy) {
        image.use { frame ->
            val style = filter ?: return
            try {
                show(style.stylize(upright(frame)))
            } catch (error: OrtException) {
                failed(error)
            }
        }
    }

    private fun upright(frame: ImageProxy): Bitmap {
        val bitmap = frame.toBitmap()
        val turn = Matrix().apply { postRotate(frame.imageInfo.rotationDegrees.toFloat()) }
        return Bitmap.createBitmap(bitmap, 0, 0, bitmap.width, bitmap.height, turn, true)
    }

    /** Lets go of the style, after one that is being opened; frames that come later are not painted. */
    override fun close() {
        if (loader.isShutdown) return
        loader.execute { // behind what is being opened, which still hands its style over
            executor.execute {
                filter?.close()
                filter = null
            }
            executor.shutdown()
        }
        loader.shutdown()
    }
}
