// A style as a filter for pictures and camera frames: load, stylize, swap.
#pragma once

#include <dlfcn.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "ort_api.hpp"

namespace nst {

// Pixels in memory, as cameras give them: R, G and B first in each pixel, then perhaps alpha.
struct Frame {
    const std::uint8_t* pixels;
    int width;
    int height;
    int channels;  // bytes of a pixel: 3 or 4
    int stride;    // bytes from a row to the next
};

// Releases what onnxruntime made.
struct Release {
    const ort::Api* api = nullptr;
    template <class T>
    void operator()(T* made) const {
        api->release(made);
    }
};
template <class T>
using Owned = std::unique_ptr<T, Release>;

// The library; one for a program. Raises std::runtime_error when it does not load.
class Runtime {
public:
    explicit Runtime(const std::string& library)
        : api_(open(library)), env_(make<ort::Env>([&](ort::Env** env) {
              return api_.create_env(ort::kWarning, "styles", env);
          })) {}
    Runtime(const Runtime&) = delete;
    Runtime& operator=(const Runtime&) = delete;

    const ort::Api& api() const { return api_; }
    const ort::Env* env() const { return env_.get(); }

    void check(ort::Status* status) const {
        if (status == nullptr) return;
        const std::string message = api_.message(status);
        api_.release(status);
        throw std::runtime_error(message);
    }

    // Returns what `call` makes; raises std::runtime_error with what onnxruntime says when it fails.
    template <class T, class Call>
    Owned<T> make(Call call) const {
        T* made = nullptr;
        check(call(&made));
        return Owned<T>(made, Release{&api_});
    }

private:
    static ort::Api open(const std::string& library) {
        setenv("ORT_DISABLE_TELEMETRY", "1", 1);  // before the library is loaded
        void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (handle == nullptr) throw std::runtime_error(dlerror());
        auto* base = reinterpret_cast<const ort::ApiBase* (*)()>(dlsym(handle, "OrtGetApiBase"));
        const void* table = base == nullptr ? nullptr : base()->get_api(ort::kVersion);
        if (table == nullptr) throw std::runtime_error(library + " is not onnxruntime 1.12 or newer");
        return ort::Api(table);
    }

    const ort::Api api_;
    const Owned<ort::Env> env_;
};

// One graph of a bundle, open. To swap styles, open another one and let this one go.
class StyleFilter {
public:
    StyleFilter(const Runtime& runtime, const std::string& model, int threads = 2)
        : runtime_(runtime), session_(open(model, threads)) {
        const auto& api = runtime.api();
        const auto type = runtime.make<ort::TypeInfo>(
            [&](ort::TypeInfo** made) { return api.input_type(session_.get(), 0, made); });
        const ort::TensorInfo* info = nullptr;
        runtime.check(api.tensor_info(type.get(), &info));
        runtime.check(api.dimensions(info, shape_, 4));
        numbers_.resize(static_cast<std::size_t>(3) * height() * width());
    }

    int width() const { return static_cast<int>(shape_[3]); }
    int height() const { return static_cast<int>(shape_[2]); }

    // Returns the frame in this style, three bytes a pixel. The frame has the graph's size, less its padding.
    std::vector<std::uint8_t> stylize(const Frame& frame) {
        check_size(frame);
        fill(frame);
        const auto& api = runtime_.api();
        const auto memory = runtime_.make<ort::MemoryInfo>([&](auto** made) { return api.cpu_memory(made); });
        const auto given = runtime_.make<ort::Value>([&](ort::Value** made) {
            return api.tensor(memory.get(), numbers_.data(), numbers_.size() * sizeof(float), shape_, 4, made);
        });
        const auto made = runtime_.make<ort::Value>([&](ort::Value** value) {
            return api.run(session_.get(), "image", given.get(), "stylized", value);
        });
        void* data = nullptr;
        runtime_.check(api.data(made.get(), &data));
        return to_bytes(static_cast<const float*>(data), frame.width, frame.height);
    }

private:
    Owned<ort::Session> open(const std::string& model, int threads) const {
        if (!std::ifstream(model)) throw std::runtime_error("cannot open " + model);
        const auto& api = runtime_.api();
        const auto options =
            runtime_.make<ort::SessionOptions>([&](auto** made) { return api.create_options(made); });
        runtime_.check(api.set_threads(options.get(), threads));
        return runtime_.make<ort::Session>([&](ort::Session** made) {
            return api.create_session(runtime_.env(), model.c_str(), options.get(), made);
        });
    }

    void check_size(const Frame& frame) const {
        const int right = width() - frame.width, bottom = height() - frame.height;
        if (right < 0 || bottom < 0 || right >= frame.width || bottom >= frame.height)
            throw std::invalid_argument("the frame has " + size(frame.width, frame.height) + " pixels, and the graph " +
                                        size(width(), height()) + ": scale the frame first");
    }

    static std::string size(int width, int height) { return std::to_string(width) + "x" + std::to_string(height); }

    // Mirrors beyond the frame's border, without its last column or row.
    static int inside(int place, int length) { return place < length ? place : 2 * (length - 1) - place; }

    void fill(const Frame& frame) {
        const std::size_t plane = static_cast<std::size_t>(height()) * width();
        for (int y = 0; y < height(); ++y) {
            const std::uint8_t* row = frame.pixels + static_cast<std::size_t>(inside(y, frame.height)) * frame.stride;
            for (int x = 0; x < width(); ++x) {
                const std::uint8_t* pixel = row + inside(x, frame.width) * frame.channels;
                for (int c = 0; c < 3; ++c)
                    numbers_[c * plane + static_cast<std::size_t>(y) * width() + x] = pixel[c] / 255.0f;
            }
        }
    }

    std::vector<std::uint8_t> to_bytes(const float* made, int columns, int rows) const {
        const std::size_t plane = static_cast<std::size_t>(height()) * width();
        std::vector<std::uint8_t> rgb(static_cast<std::size_t>(3) * rows * columns);
        auto byte = rgb.begin();
        for (int y = 0; y < rows; ++y)
            for (int x = 0; x < columns; ++x)
                for (int c = 0; c < 3; ++c) {
                    const float level = made[c * plane + static_cast<std::size_t>(y) * width() + x] * 255.0f + 0.5f;
                    *byte++ = static_cast<std::uint8_t>(level > 255.0f ? 255.0f : level > 0.0f ? level : 0.0f);
                }
        return rgb;
    }

    const Runtime& runtime_;
    const Owned<ort::Session> session_;
    std::int64_t shape_[4] = {1, 3, 0, 0};
    std::vector<float> numbers_;
};

}  // namespace nst
