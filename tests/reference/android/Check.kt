// Runs the sources for Android against the classes in stubs/, and prints what came of it, a line for each check.
package styles

import ai.onnxruntime.OrtException
import ai.onnxruntime.OrtSession
import android.content.Context
import android.content.res.AssetManager
import android.graphics.Bitmap
import androidx.camera.core.ImageAnalysis
import androidx.camera.core.ImageInfo
import androidx.camera.core.ImageProxy
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.TimeUnit

private val context = object : Context() {
    override fun getAssets() = AssetManager(
        mapOf("same" to "16 16 1", "double" to "16 16 2", "broken" to "16 16 0", "small" to "1 2 1", "damaged" to "?"),
    )
}
private val levels = IntArray(256) { (255 shl 24) or (it shl 16) or (255 - it shl 8) or (it * 7 and 255) }
private val uncaught = CopyOnWriteArrayList<Throwable>()

private fun colors(picture: Bitmap) =
    IntArray(picture.width * picture.height).also { picture.getPixels(it, 0, picture.width, 0, 0, picture.width, picture.height) }

private class Frame(val colors: IntArray, val width: Int, val height: Int, val degrees: Int) : ImageProxy {
    var isClosed = false

    override fun close() {
        isClosed = true
    }

    override fun getImageInfo() = ImageInfo { degrees }

    override fun toBitmap(): Bitmap = Bitmap.createBitmap(colors, width, height, Bitmap.Config.ARGB_8888)
}

private fun checkPixels() {
    val picture = Bitmap.createBitmap(levels, 16, 16, Bitmap.Config.HARDWARE)
    StyleFilter.load(context, "same", Accelerator.GENERIC).use { filter ->
        println("levels ${colors(filter.stylize(picture)).contentEquals(levels)} ${filter.width}x${filter.height}")
    }
    StyleFilter.load(context, "double", Accelerator.NNAPI).use { filter ->
        val doubled = colors(filter.stylize(picture)).map { it shr 16 and 255 }
        println("clipped ${doubled == List(256) { minOf(255, 2 * it) }}")
    }
    StyleFilter.load(context, "small", Accelerator.GENERIC).use { filter ->
        println("scaled ${colors(filter.stylize(picture)).map { it shr 16 and 255 }}")
    }
}

private fun checkAccelerators() {
    val assets = mapOf(Accelerator.XNNPACK to "same", Accelerator.QNN to "same", Accelerator.GENERIC to "double")
    val order = listOf(Accelerator.NNAPI, Accelerator.XNNPACK, Accelerator.QNN, Accelerator.GENERIC)
    StyleFilter.loadBest(context, { assets[it] ?: "none" }, order).use { filter ->
        println("best ${colors(filter.stylize(Bitmap.createBitmap(levels, 16, 16, Bitmap.Config.ARGB_8888)))[1] shr 16 and 255}")
    }
    for (last in listOf(Accelerator.NNAPI, Accelerator.QNN)) {
        try {
            StyleFilter.loadBest(context, { assets[it] ?: "none" }, listOf(Accelerator.XNNPACK, last))
        } catch (error: Exception) {
            println("none ${error.javaClass.simpleName}")
        }
    }
    println("open ${OrtSession.OPEN} ${OrtSession.SessionOptions.OPEN}")
}

private fun checkCamera() {
    val told = CopyOnWriteArrayList<String>()
    val shown = CopyOnWriteArrayList<List<Int>>()
    val camera = CameraFilter({ error -> told.add("${error.message}") }) { shown.add(colors(it).map { c -> c and 255 }) }
    val analysis = ImageAnalysis.Builder().setBackpressureStrategy(ImageAnalysis.STRATEGY_KEEP_ONLY_LATEST).build()
    analysis.setAnalyzer(camera.executor, camera)
    val frames = List(4) { Frame(intArrayOf(1, 2), 1, 2, 90) }
    fun swap(asset: String) {
        val done = CountDownLatch(1)
        camera.swap { StyleFilter.load(context, asset, Accelerator.GENERIC).also { done.countDown() } }
        done.await(1, TimeUnit.SECONDS) || asset in setOf("none", "damaged") || error("$asset did not load")
        Thread.sleep(50)
        camera.executor.submit { }.get()
    }
    analysis.show(frames[0])
    for ((frame, asset) in listOf(1 to "small", 2 to "none", 3 to "broken")) {
        swap(asset)
        analysis.show(frames[frame])
        camera.executor.submit { }.get()
    }
    swap("damaged")
    println("shown $shown")
    println("told $told")
    println("frames ${frames.all { it.isClosed }}")
    camera.close()
    println("ended ${camera.executor.awaitTermination(1, TimeUnit.SECONDS)} ${OrtSession.OPEN} ${OrtSession.SessionOptions.OPEN}")
}

private fun checkClosingWhileLoading() {
    val started = CountDownLatch(1)
    val goOn = CountDownLatch(1)
    val camera = CameraFilter({ uncaught.add(it) }) { }
    camera.swap {
        started.countDown()
        goOn.await()
        StyleFilter.load(context, "same", Accelerator.GENERIC)
    }
    started.await()
    camera.close()
    camera.close()
    camera.swap { StyleFilter.load(context, "same", Accelerator.GENERIC) }
    goOn.countDown()
    println("closed ${camera.executor.awaitTermination(1, TimeUnit.SECONDS)} ${OrtSession.OPEN} ${OrtSession.SessionOptions.OPEN}")
    try {
        camera.executor.execute { }
    } catch (error: RejectedExecutionException) {
        println("later frames are refused")
    }
}

fun main() {
    Thread.setDefaultUncaughtExceptionHandler { _, error -> uncaught.add(error) }
    checkPixels()
    checkAccelerators()
    checkCamera()
    checkClosingWhileLoading()
    println("uncaught $uncaught")
}
