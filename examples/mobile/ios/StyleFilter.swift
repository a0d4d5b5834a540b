// A style as a filter for pictures: load, stylize. Goes with a bundle of nst-export bundle mobile.
//
// Swift packages: https://github.com/microsoft/onnxruntime-swift-package-manager, product "onnxruntime".
// CocoaPods: pod 'onnxruntime-objc', and `import onnxruntime_objc` in place of the first line.
import OnnxRuntimeBindings
import CoreGraphics
import Foundation

enum StyleError: Error {
    case noContext
    case noOutput
}

/// A graph of a bundle, open. Not safe to use from several threads at once.
///
/// Pictures may have any size: they are scaled to the graph's, its padding included, and keep it.
final class StyleFilter {
    let width: Int
    let height: Int
    private let session: ORTSession
    private let context: CGContext
    private let numbers: NSMutableData
    private let input: ORTValue

    private static let environment: Result<ORTEnv, Error> = Result {
        setenv("ORT_DISABLE_TELEMETRY", "1", 1)  // before the first environment
        return try ORTEnv(loggingLevel: .warning)
    }

    /// Opens the graph at `path`, which takes `width`×`height` pixels: the last two sides of its input's shape.
    ///
    /// `provider` is what computes, such as "CoreML", with the `providerOptions` that bundle.json has; nil for the
    /// processor. Takes a moment, seconds with Core ML at the first time: call it on a queue of your own.
    init(
        path: String, width: Int, height: Int, provider: String? = nil, providerOptions: [String: String] = [:]
    ) throws {
        self.width = width
        self.height = height
        let environment = try StyleFilter.environment.get()
        let options = try ORTSessionOptions()
        if let provider {
            try options.appendExecutionProvider(provider, providerOptions: providerOptions)
        }
        session = try ORTSession(env: environment, modelPath: path, sessionOptions: options)
        guard
            let context = CGContext(
                data: nil, width: width, height: height, bitsPerComponent: 8, bytesPerRow: 4 * width,
                space: CGColorSpace(name: CGColorSpace.sRGB)!,
                bitmapInfo: CGImageAlphaInfo.noneSkipLast.rawValue)
        else { throw StyleError.noContext }
        context.interpolationQuality = .high
        self.context = context
        numbers = NSMutableData(length: 3 * width * height * MemoryLayout<Float>.size)!
        input = try ORTValue(
            tensorData: numbers, elementType: .float, shape: [1, 3, NSNumber(value: height), NSNumber(value: width)])
    }

    /// Returns `picture`, which is upright, in this style at the graph's size.
    func stylize(_ picture: CGImage) throws -> CGImage {
        let whole = CGRect(x: 0, y: 0, width: width, height: height)
        context.setFillColor(red: 1, green: 1, blue: 1, alpha: 1)
        context.fill(whole)  // what shows through a transparent picture
        context.draw(picture, in: whole)
        fill()
        let results = try session.run(withInputs: ["image": input], outputNames: ["stylized"], runOptions: nil)
        guard let stylized = results["stylized"] else { throw StyleError.noOutput }
        write(try stylized.tensorData())
        guard let image = context.makeImage() else { throw StyleError.noContext }
        return image
    }

    private func fill() {
        let plane = width * height
        let bytes = context.data!.bindMemory(to: UInt8.self, capacity: 4 * plane)
        let floats = numbers.mutableBytes.bindMemory(to: Float.self, capacity: 3 * plane)
        for place in 0..<plane {
            for channel in 0..<3 {
                floats[channel * plane + place] = Float(bytes[4 * place + channel]) / 255
            }
        }
    }

    private func write(_ made: NSMutableData) {
        let plane = width * height
        let bytes = context.data!.bindMemory(to: UInt8.self, capacity: 4 * plane)
        let floats = made.bytes.bindMemory(to: Float.self, capacity: 3 * plane)
        for place in 0..<plane {
            for channel in 0..<3 {
                let level = floats[channel * plane + place] * 255 + 0.5
                bytes[4 * place + channel] = UInt8(max(0, min(255, level)))
            }
        }
    }
}
