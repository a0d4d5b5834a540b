// Camera frames in a style that can be swapped while they come:
//
//   let camera = CameraFilter(
//       failed: { error in DispatchQueue.main.async { label.text = error.localizedDescription } },
//       show: { image in DispatchQueue.main.async { view.layer.contents = image } })
//   camera.swap {
//       try StyleFilter(
//           path: path, width: 512, height: 512, provider: "CoreML",
//           providerOptions: ["ModelFormat": "MLProgram", "MLComputeUnits": "ALL", "RequireStaticInputShapes": "1"])
//   }
//   let output = AVCaptureVideoDataOutput()
//   output.alwaysDiscardsLateVideoFrames = true
//   output.setSampleBufferDelegate(camera, queue: camera.queue)
//   captureSession.addOutput(output)        // and the connection's videoRotationAngle for upright frames
import AVFoundation
import CoreImage

/// Paints each frame with the style of the last `swap` and gives it to `show`, on one queue of its own.
///
/// `failed` is told of a style that does not open and of a frame that cannot be painted, on a queue of this filter.
final class CameraFilter: NSObject, AVCaptureVideoDataOutputSampleBufferDelegate {
    let queue = DispatchQueue(label: "styles.camera")
    private let loader = DispatchQueue(label: "styles.loader")
    private let drawing = CIContext()
    private let failed: (Error) -> Void
    private let show: (CGImage) -> Void
    private var filter: StyleFilter?  // touched on `queue` alone

    init(failed: @escaping (Error) -> Void, show: @escaping (CGImage) -> Void) {
        self.failed = failed
        self.show = show
    }

    /// Opens another style with `load`, while frames go on in the old one, and takes it for the frames after that.
    ///
    /// Where it does not open, the old one stays.
    func swap(_ load: @escaping () throws -> StyleFilter) {
        loader.async {
            do {
                let next = try load()
                self.queue.async { self.filter = next }
            } catch {
                self.failed(error)
            }
        }
    }

    func captureOutput(
        _ output: AVCaptureOutput, didOutput sampleBuffer: CMSampleBuffer, from connection: AVCaptureConnection
    ) {
        guard let filter, let pixels = CMSampleBufferGetImageBuffer(sampleBuffer) else { return }
        let frame = CIImage(cvPixelBuffer: pixels)
        guard let image = drawing.createCGImage(frame, from: frame.extent) else { return }
        do {
            show(try filter.stylize(image))
        } catch {
            failed(error)
        }
    }
}
