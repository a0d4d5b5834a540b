// A style as a filter for pictures: load, stylize, close. Goes with a bundle of nst-export bundle mobile.
//
//   implementation("com.microsoft.onnxruntime:onnxruntime-android:<version>")    or onnxruntime-android-qnn
package styles

import ai.onnxruntime.OnnxTensor
import ai.onnxruntime.OrtEnvironment
import ai.onnxruntime.OrtException
import ai.onnxruntime.OrtSession
import ai.onnxruntime.TensorInfo
import ai.onnxruntime.providers.NNAPIFlags
import android.content.Context
import android.graphics.Bitmap
import android.system.Os
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.FloatBuffer
import java.util.EnumSet

/** What computes; each has a folder of its name in the bundle's `models`. */
enum class Accelerator { GENERIC, XNNPACK, NNAPI, QNN }

/**
 * A graph of a bundle, open. Not safe to use from several threads at once.
 *
 * Pictures may have any size: they are scaled to the graph's, its padding included, and keep it.
 */
class StyleFilter private constructor(
    private val session: OrtSession,
    private val options: OrtSession.SessionOptions, // to be kept as long as the session
) : AutoCloseable {
    private val shape: LongArray = (session.inputInfo.getValue(INPUT).info as TensorInfo).shape
    val height = shape[2].toInt()
    val width = shape[3].toInt()
    private val plane = height * width
    private val colors = IntArray(plane)
    private val numbers: FloatBuffer =
        ByteBuffer.allocateDirect(3 * plane * Float.SIZE_BYTES).order(ByteOrder.nativeOrder()).asFloatBuffer()

    /** Returns [picture] in this style, at the graph's size. Throws OrtException when the graph does not run. */
    fun stylize(picture: Bitmap): Bitmap {
        val readable = // pixels of a picture in graphics memory cannot be read
            if (picture.config == Bitmap.Config.HARDWARE) picture.copy(Bitmap.Config.ARGB_8888, false) else picture
        val scaled = Bitmap.createScaledBitmap(readable, width, height, true)
        scaled.getPixels(colors, 0, width, 0, 0, width, height)
        for (place in 0 until plane) {
            val color = colors[place]
            numbers.put(place, (color shr 16 and 255) / 255f)
            numbers.put(plane + place, (color shr 8 and 255) / 255f)
            numbers.put(2 * plane + place, (color and 255) / 255f)
        }
        OnnxTensor.createTensor(environment, numbers, shape).use { given ->
            session.run(mapOf(INPUT to given)).use { result ->
                write((result[0] as OnnxTensor).floatBuffer)
            }
        }
        return Bitmap.createBitmap(colors, width, height, Bitmap.Config.ARGB_8888)
    }

    private fun write(made: FloatBuffer) {
        for (place in 0 until plane) {
            val red = level(made.get(place))
            val green = level(made.get(plane + place))
            val blue = level(made.get(2 * plane + place))
            colors[place] = (255 shl 24) or (red shl 16) or (green shl 8) or blue
        }
    }

    private fun level(number: Float): Int = (number * 255f + 0.5f).toInt().coerceIn(0, 255)

    override fun close() {
        session.close()
        options.close()
    }

    companion object {
        private const val INPUT = "image"

        private val environment: OrtEnvironment by lazy {
            Os.setenv("ORT_DISABLE_TELEMETRY", "1", true) // before the library is loaded
            OrtEnvironment.getEnvironment()
        }

        /**
         * Opens a graph among the app's assets, such as `models/nnapi/waves-512x512-fp32.onnx` for Accelerator.NNAPI.
         *
         * Takes a moment: call it on a thread of your own. Throws OrtException when the accelerator does not start.
         */
        fun load(context: Context, asset: String, accelerator: Accelerator): StyleFilter {
            val data = context.assets.open(asset).use { it.readBytes() }
            val started = environment // before any other class of onnxruntime is touched
            val options = OrtSession.SessionOptions()
            try {
                start(options, accelerator)
                return StyleFilter(started.createSession(data, options), options)
            } catch (error: OrtException) {
                options.close()
                throw error
            }
        }

        private fun start(options: OrtSession.SessionOptions, accelerator: Accelerator) {
            when (accelerator) {
                Accelerator.GENERIC -> options.setIntraOpNumThreads(4)
                Accelerator.XNNPACK -> {
                    options.addXnnpack(mapOf("intra_op_num_threads" to "4"))
                    options.setIntraOpNumThreads(1)
                    options.addConfigEntry("session.intra_op.allow_spinning", "0")
                }
                Accelerator.NNAPI -> options.addNnapi(EnumSet.of(NNAPIFlags.USE_FP16, NNAPIFlags.CPU_DISABLED))
                Accelerator.QNN ->
                    options.addQnn(mapOf("backend_path" to "libQnnHtp.so", "htp_performance_mode" to "burst"))
            }
        }

        /** Opens [asset] of the first of [order] that starts, so that an app runs on every phone. */
        fun loadBest(context: Context, asset: (Accelerator) -> String, order: List<Accelerator>): StyleFilter {
            for (accelerator in order) {
                try {
                    return load(context, asset(accelerator), accelerator)
                } catch (error: OrtException) {
                    if (accelerator == order.last()) throw error
                } catch (error: IOException) { // the bundle has no graph for it
                    if (accelerator == order.last()) throw error
                }
            }
            throw IllegalArgumentException("no accelerators")
        }
    }
}
