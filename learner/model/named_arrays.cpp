// Hashing, writing and checking named arrays.
#include <cstring>
#include <fstream>
#include <sstream>

#include <unistd.h>

#include <cupel/domain/error.hpp>
#include <cupel/domain/sha256.hpp>
#include <cupel/learner/named_arrays.hpp>
#include <cupel/learner/pretraining.hpp>

namespace cupel::learner {
namespace {

constexpr const char* kMagic = "cupel-blob 1\n";
constexpr const char* kHashName = "sha256";  ///< of the other arrays, in a file with any name

// "name dtype rank d0 d1 ... bytes\n" before the bytes of each array: hashed and stored alike.
std::string header_of(const std::string& name, const NamedArray& array) {
    std::ostringstream out;
    out << name << ' ' << array.dtype << ' ' << array.shape.size();
    for (const auto extent : array.shape) {
        out << ' ' << extent;
    }
    out << ' ' << array.bytes.size() << '\n';
    return out.str();
}

[[noreturn]] void damaged(const std::filesystem::path& file, const std::string& what) {
    throw InputError(
        "bad_model",
        file.string() + ": " + what +
            "; the file is damaged or was changed: restore it from a backup or train again");
}

void write_arrays(const NamedArrays& arrays, const std::filesystem::path& file) {
    std::ofstream out(file, std::ios::binary);
    out << kMagic;
    for (const auto& [name, array] : arrays) {
        out << header_of(name, array);
        out.write(array.bytes.data(), static_cast<std::streamsize>(array.bytes.size()));
    }
    out.close();
    if (!out) {
        std::error_code ignored;
        std::filesystem::remove(file, ignored);  // half of it would only keep the disk full
        throw Error(file.string() + ": cannot write; is the disk full?");
    }
}

NamedArrays read_arrays(std::istream& in, const std::filesystem::path& file) {
    std::string line;
    std::getline(in, line);
    if (line + "\n" != kMagic) {
        damaged(file, "not a model file");
    }
    const auto total = std::filesystem::file_size(file);
    NamedArrays arrays;
    while (std::getline(in, line)) {
        std::istringstream words(line);
        std::string name;
        NamedArray array;
        std::size_t rank = 0;
        std::size_t size = 0;
        words >> name >> array.dtype >> rank;
        if (!words || rank > 8) {
            damaged(file, "unreadable array header");
        }
        array.shape.resize(rank);
        for (auto& extent : array.shape) {
            words >> extent;
        }
        words >> size;
        if (!words || size > total) {
            damaged(file, "unreadable array header");
        }
        array.bytes.resize(size);
        in.read(array.bytes.data(), static_cast<std::streamsize>(size));
        if (static_cast<std::size_t>(in.gcount()) != size) {
            damaged(file, "ends early");
        }
        arrays.emplace(name, std::move(array));
    }
    return arrays;
}

}  // namespace

NamedArray make_array(const std::vector<double>& values) {
    NamedArray array{"f64", {static_cast<std::int64_t>(values.size())}, {}};
    array.bytes.resize(values.size() * sizeof(double));
    if (!values.empty()) {
        std::memcpy(array.bytes.data(), values.data(), array.bytes.size());
    }
    return array;
}

NamedArray make_array(const std::string& text) {
    return NamedArray{"u8", {static_cast<std::int64_t>(text.size())}, text};
}

std::vector<double> doubles_of(const NamedArray& array) {
    if (array.dtype != "f64") {
        throw Error("a stored array is " + array.dtype + " where f64 was expected");
    }
    std::vector<double> values(array.bytes.size() / sizeof(double));
    if (!values.empty()) {
        std::memcpy(values.data(), array.bytes.data(), values.size() * sizeof(double));
    }
    return values;
}

std::string hash_arrays(const NamedArrays& arrays) {
    Sha256 sha;
    for (const auto& [name, array] : arrays) {
        sha.update(header_of(name, array));
        sha.update(array.bytes);
    }
    return sha.hex();
}

std::string save_blob(const NamedArrays& arrays, const std::filesystem::path& folder) {
    const std::string hash = hash_arrays(arrays);
    std::filesystem::create_directories(folder);
    const auto file = folder / (hash + ".blob");
    if (std::filesystem::exists(file)) {
        return hash;
    }
    const auto partial = folder / (hash + ".part" + std::to_string(::getpid()));
    write_arrays(arrays, partial);
    std::filesystem::rename(partial, file);
    return hash;
}

NamedArrays load_blob(const std::filesystem::path& folder, const std::string& hash) {
    const auto file = folder / (hash + ".blob");
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        throw InputError(
            "no_model",
            file.string() + ": no such model; known models are listed by `cupel models`");
    }
    NamedArrays arrays = read_arrays(in, file);
    const std::string found = hash_arrays(arrays);
    if (found != hash) {
        damaged(file, "its content has the hash " + found.substr(0, 12) + "..., not its name");
    }
    return arrays;
}

std::string save_weights(const NamedArrays& arrays, const std::filesystem::path& file) {
    NamedArrays with_hash = arrays;
    const std::string hash = hash_arrays(arrays);
    with_hash[kHashName] = make_array(hash);
    auto partial = file;
    partial += ".part" + std::to_string(::getpid());
    write_arrays(with_hash, partial);
    std::filesystem::rename(partial, file);
    return hash;
}

NamedArrays load_weights(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        throw InputError("bad_weights",
                         file.string() + ": no such file; make it with `cupel pretrain --out " +
                             file.string() + "`");
    }
    NamedArrays arrays;
    try {
        arrays = read_arrays(in, file);
    } catch (const InputError& error) {
        throw InputError("bad_weights", error.what());
    }
    const auto it = arrays.find(kHashName);
    const std::string hash = it == arrays.end() ? "" : it->second.bytes;
    arrays.erase(kHashName);
    if (hash_arrays(arrays) != hash) {
        throw InputError("bad_weights",
                         file.string() +
                             ": its content does not have the hash it names; make it "
                             "again with `cupel pretrain`");
    }
    return arrays;
}

}  // namespace cupel::learner
