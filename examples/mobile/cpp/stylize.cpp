// Stylize a picture with each of some graphs of a bundle, one after the other:
//
//   g++ -std=c++17 -O2 stylize.cpp -o stylize -ldl
//   ./stylize libonnxruntime.so photo.ppm waves-512x512-fp32.ort waves.ppm [MODEL OUT ...]
//
// The pictures are PPM files (P6, 8 bits) of the graph's size: convert photo.jpg -resize 512x512! photo.ppm
#include <fstream>
#include <iostream>
#include <memory>

#include "style_filter.hpp"

namespace {

struct Picture {
    int width = 0;
    int height = 0;
    std::vector<std::uint8_t> rgb;
};

Picture read(const char* path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error(std::string("cannot open ") + path);
    std::string kind;
    int levels = 0;
    Picture picture;
    file >> kind >> picture.width >> picture.height >> levels;
    file.get();
    const bool is_fine = kind == "P6" && levels == 255 && picture.width > 0 && picture.height > 0 &&
                         picture.width <= 4096 && picture.height <= 4096;
    if (!is_fine) throw std::runtime_error(std::string(path) + " is not a PPM of 8 bits and 4096 pixels a side at most");
    picture.rgb.resize(static_cast<std::size_t>(3) * picture.width * picture.height);
    file.read(reinterpret_cast<char*>(picture.rgb.data()), static_cast<std::streamsize>(picture.rgb.size()));
    if (!file) throw std::runtime_error(std::string(path) + " ends too early");
    return picture;
}

void write(const char* path, const Picture& picture) {
    std::ofstream file(path, std::ios::binary);
    file << "P6\n" << picture.width << " " << picture.height << "\n255\n";
    file.write(reinterpret_cast<const char*>(picture.rgb.data()), static_cast<std::streamsize>(picture.rgb.size()));
    if (!file) throw std::runtime_error(std::string("cannot write ") + path);
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 5 || count % 2 == 0) {
        std::cerr << "usage: stylize LIBRARY PICTURE MODEL OUT [MODEL OUT ...]\n";
        return 2;
    }
    try {
        const nst::Runtime runtime(arguments[1]);
        const Picture photo = read(arguments[2]);
        const nst::Frame frame{photo.rgb.data(), photo.width, photo.height, 3, 3 * photo.width};
        std::unique_ptr<nst::StyleFilter> style;
        for (int place = 3; place < count; place += 2) {
            style = std::make_unique<nst::StyleFilter>(runtime, arguments[place]);  // the swap
            write(arguments[place + 1], {photo.width, photo.height, style->stylize(frame)});
        }
    } catch (const std::exception& error) {
        std::cerr << "error: " << error.what() << "\n";
        return 1;
    }
    return 0;
}
