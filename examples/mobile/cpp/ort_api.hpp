// The functions of onnxruntime's C API that the example calls, declared from its documentation.
//
// The library gives out a table of functions. Its order never changes; new functions come at the end. Here are the
// places of those that are called, counted from 0. A program that has onnxruntime_c_api.h takes that instead.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ort {

struct Status;
struct Env;
struct Session;
struct SessionOptions;
struct RunOptions;
struct MemoryInfo;
struct Value;
struct TypeInfo;
struct TensorInfo;

constexpr std::uint32_t kVersion = 12;  // of the table: of onnxruntime 1.12, and in all later ones
constexpr int kWarning = 2;             // OrtLoggingLevel
constexpr int kFloat = 1;               // ONNXTensorElementDataType
constexpr int kArenaAllocator = 1;      // OrtAllocatorType
constexpr int kDefaultMemory = 0;       // OrtMemType

struct ApiBase {
    const void* (*get_api)(std::uint32_t version);
    const char* (*get_version)();
};

enum Place {
    kGetErrorMessage = 2,
    kCreateEnv = 3,
    kCreateSession = 7,
    kRun = 9,
    kCreateSessionOptions = 10,
    kSetIntraOpNumThreads = 24,
    kSessionGetInputTypeInfo = 33,
    kCreateTensorWithData = 49,
    kGetTensorMutableData = 51,
    kCastTypeInfoToTensorInfo = 55,
    kGetDimensions = 62,
    kCreateCpuMemoryInfo = 69,
    kReleaseEnv = 92,
    kReleaseStatus = 93,
    kReleaseMemoryInfo = 94,
    kReleaseSession = 95,
    kReleaseValue = 96,
    kReleaseTypeInfo = 98,
    kReleaseSessionOptions = 100,
};

class Api {
public:
    explicit Api(const void* table) : table_(static_cast<void* const*>(table)) {}

    const char* message(const Status* status) const {
        return at<const char*(const Status*)>(kGetErrorMessage)(status);
    }
    Status* create_env(int level, const char* name, Env** env) const {
        return at<Status*(int, const char*, Env**)>(kCreateEnv)(level, name, env);
    }
    Status* create_options(SessionOptions** options) const {
        return at<Status*(SessionOptions**)>(kCreateSessionOptions)(options);
    }
    Status* set_threads(SessionOptions* options, int threads) const {
        return at<Status*(SessionOptions*, int)>(kSetIntraOpNumThreads)(options, threads);
    }
    Status* create_session(const Env* env, const char* path, const SessionOptions* options, Session** session) const {
        using Function = Status*(const Env*, const char*, const SessionOptions*, Session**);
        return at<Function>(kCreateSession)(env, path, options, session);
    }
    Status* input_type(const Session* session, std::size_t index, TypeInfo** type) const {
        return at<Status*(const Session*, std::size_t, TypeInfo**)>(kSessionGetInputTypeInfo)(session, index, type);
    }
    Status* tensor_info(const TypeInfo* type, const TensorInfo** info) const {  // it lives as long as `type`
        return at<Status*(const TypeInfo*, const TensorInfo**)>(kCastTypeInfoToTensorInfo)(type, info);
    }
    Status* dimensions(const TensorInfo* info, std::int64_t* sides, std::size_t count) const {
        return at<Status*(const TensorInfo*, std::int64_t*, std::size_t)>(kGetDimensions)(info, sides, count);
    }
    Status* cpu_memory(MemoryInfo** memory) const {
        return at<Status*(int, int, MemoryInfo**)>(kCreateCpuMemoryInfo)(kArenaAllocator, kDefaultMemory, memory);
    }
    Status* tensor(const MemoryInfo* memory, float* data, std::size_t bytes, const std::int64_t* sides,
                   std::size_t count, Value** value) const {
        using Function =
            Status*(const MemoryInfo*, void*, std::size_t, const std::int64_t*, std::size_t, int, Value**);
        return at<Function>(kCreateTensorWithData)(memory, data, bytes, sides, count, kFloat, value);
    }
    Status* run(Session* session, const char* input, const Value* given, const char* output, Value** made) const {
        using Function = Status*(Session*, const RunOptions*, const char* const*, const Value* const*, std::size_t,
                                 const char* const*, std::size_t, Value**);
        return at<Function>(kRun)(session, nullptr, &input, &given, 1, &output, 1, made);
    }
    Status* data(Value* value, void** numbers) const {
        return at<Status*(Value*, void**)>(kGetTensorMutableData)(value, numbers);
    }

    void release(Env* env) const { at<void(Env*)>(kReleaseEnv)(env); }
    void release(Status* status) const { at<void(Status*)>(kReleaseStatus)(status); }
    void release(MemoryInfo* memory) const { at<void(MemoryInfo*)>(kReleaseMemoryInfo)(memory); }
    void release(Session* session) const { at<void(Session*)>(kReleaseSession)(session); }
    void release(Value* value) const { at<void(Value*)>(kReleaseValue)(value); }
    void release(TypeInfo* type) const { at<void(TypeInfo*)>(kReleaseTypeInfo)(type); }
    void release(SessionOptions* options) const { at<void(SessionOptions*)>(kReleaseSessionOptions)(options); }

private:
    template <class Function>
    Function* at(Place place) const {
        return reinterpret_cast<Function*>(table_[place]);
    }

    void* const* table_;
};

}  // namespace ort
