// Models are stored under the hash of their content and checked when read.
#include <fstream>

#include <cupel/domain/error.hpp>
#include <cupel/learner/named_arrays.hpp>

#include "catch.hpp"
#include "temp_dir.hpp"

using namespace cupel::learner;

TEST_CASE("arrays come back as they were stored, under their hash", "[learner]") {
    const cupel::test::TempDir folder;
    const NamedArrays arrays{{"a", make_array(std::vector<double>{1.0, -2.5})},
                             {"b", make_array(std::string("two\nlines"))}};
    const std::string hash = save_blob(arrays, folder.path());
    CHECK(hash == hash_arrays(arrays));
    const auto read = load_blob(folder.path(), hash);
    CHECK(doubles_of(read.at("a")) == std::vector<double>{1.0, -2.5});
    CHECK(read.at("b").bytes == "two\nlines");
}

TEST_CASE("the hash depends on names, types, shapes and bytes", "[learner]") {
    const NamedArrays one{{"a", make_array(std::vector<double>{1.0})}};
    NamedArrays other{{"b", make_array(std::vector<double>{1.0})}};
    CHECK(hash_arrays(one) != hash_arrays(other));
    other = one;
    other["a"].shape = {1, 1};
    CHECK(hash_arrays(one) != hash_arrays(other));
    other = one;
    other["a"].bytes[0] = static_cast<char>(other["a"].bytes[0] + 1);
    CHECK(hash_arrays(one) != hash_arrays(other));
}

TEST_CASE("a changed, cut or missing blob is one clear error", "[learner]") {
    const cupel::test::TempDir folder;
    const std::string hash =
        save_blob({{"a", make_array(std::vector<double>(20, 1.0))}}, folder.path());
    const auto file = folder / (hash + ".blob");
    const auto code_of = [&](const std::string& name) {
        try {
            load_blob(folder.path(), name);
        } catch (const cupel::InputError& error) {
            return error.code();
        }
        return std::string("none");
    };
    CHECK(code_of("0000") == "no_model");
    SECTION("changed") {
        std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
        out.seekp(60);
        out.put('x');
    }
    SECTION("cut") {
        std::filesystem::resize_file(file, 60);
    }
    SECTION("something else") {
        std::ofstream(file) << "hello\n";
    }
    CHECK(code_of(hash) == "bad_model");
}
