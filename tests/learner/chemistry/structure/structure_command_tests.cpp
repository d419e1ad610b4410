// `cupel structure` as a user runs it: shapes of its JSON, its exit codes, its words.
#include <fstream>

#include <nlohmann/json.hpp>

#include <cupel/codec/structure_codec.hpp>

#include "catch.hpp"
#include "child_process.hpp"
#include "small_crystals.hpp"
#include "temp_dir.hpp"
#include "test_paths.hpp"

using namespace cupel::test;
using Json = nlohmann::json;

namespace {

std::string write(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
}

std::string read(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

struct Answer {
    int status = 0;
    std::string output;
};

Answer command(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), (bin_dir() / "cupel").string());
    ChildProcess child(arguments);
    Answer answer;
    answer.status = child.finish(answer.output);
    return answer;
}

Answer run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "structure");
    return command(std::move(arguments));
}

/// The ring of another metal.
TestAtoms ring_of(const std::string& metal) {
    auto atoms = gold_ring();
    for (auto& atom : atoms) {
        if (atom.element == "Au") {
            atom.label.replace(0, 2, metal);
            atom.element = metal;
        }
    }
    return atoms;
}

std::string block(const std::string& name, const TestAtoms& atoms) {
    std::string text = cif_of(atoms);
    return text.replace(0, std::string("data_test").size(), "data_" + name);
}

/// The ring with as much silver as gold on one site.
TestAtoms mixed_ring() {
    auto atoms = gold_ring();
    atoms[0].occupancy = 0.5;
    atoms.push_back({"Ag1", "Ag", atoms[0].at, 0.5});
    return atoms;
}

bool holds(const Json& lines, const std::string& part) {
    for (const auto& line : lines) {
        if (line.get<std::string>().find(part) != std::string::npos) {
            return true;
        }
    }
    return false;
}

}  // namespace

TEST_CASE("one file gives one object, several an array", "[structure][command]") {
    const TempDir dir;
    const auto good = write(dir / "good.cif", cif_of(gold_ring()));
    const auto one = run({good, "--json"});
    CHECK(one.status == 0);
    const Json report = Json::parse(one.output);
    CHECK(report["file"] == good);
    CHECK(report["block"] == "test");
    CHECK(report["core"]["formula"] == "Au3");
    CHECK(report["core"]["metals"]["Au"] == 3);
    CHECK(report["core"]["hydrides"].is_null());
    CHECK(report["ligands"][0]["smiles"] == "C[S-]");
    CHECK(report["ligands"][0]["count"] == 3);
    CHECK(report["charge"].is_null());
    CHECK(report["atoms"]["cluster"] == 18);
    CHECK(report["verdict"].is_null());
    CHECK(cupel::codec::decode_structure_report(one.output).ligands.size() == 1);
    const auto two = run({good, good, "--json"});
    CHECK(two.status == 0);
    CHECK(Json::parse(two.output).size() == 2);
}

TEST_CASE("what is there on average goes through JSON", "[structure][command]") {
    const TempDir dir;
    auto atoms = gold_ring() + TestAtoms{{"Cl1", "Cl", {10.0, 10.0, 11.95}, 0.6}};
    atoms[0].occupancy = 0.8;
    for (auto& atom : atoms) {
        const bool methylthiolate = atom.element != "Au" && atom.element != "Cl";
        atom.occupancy =
            methylthiolate && atom.label.find('3') != std::string::npos ? 0.7 : atom.occupancy;
    }
    const auto answer = command({"structure", "--json", write(dir / "partial.cif", cif_of(atoms))});
    const auto report = cupel::codec::decode_structure_report(answer.output);
    CHECK(report.fractional_metals.at("Au") == Approx(2.8));
    CHECK(report.fractional_anions.at("Cl") == Approx(0.6));
    CHECK(report.fractional_ligands.at("CH3S") == Approx(2.7));
}

TEST_CASE("a file that fails leaves the others answered and exit 2", "[structure][command]") {
    const TempDir dir;
    const auto good = write(dir / "good.cif", cif_of(gold_ring()));
    const auto bad = write(dir / "bad.cif", "hello\n");
    const auto answer = run({bad, good, (dir / "absent.cif").string(), "--json"});
    CHECK(answer.status == 2);
    const Json list = Json::parse(answer.output);
    REQUIRE(list.size() == 3);
    CHECK(list[0]["file"] == bad);
    CHECK(list[0]["error"]["code"] == "not_cif");
    CHECK(list[1]["core"]["formula"] == "Au3");
    CHECK(list[2]["error"]["code"] == "no_file");
    CHECK(list[2]["error"]["text"] == (dir / "absent.cif").string() + ": there is no such file");
    CHECK(run({dir.path().string()}).output ==
          "cupel: " + dir.path().string() + ": is a folder; name a file in it\n");
    const auto alone = run({bad, "--json"});
    CHECK(alone.status == 2);
    CHECK(Json::parse(alone.output)["error"]["code"] == "not_cif");
}

TEST_CASE("a target is a formula, JSON or a file with either", "[structure][command]") {
    const TempDir dir;
    const auto good = write(dir / "good.cif", cif_of(gold_ring()));
    const auto verdict = [&](const std::string& target) {
        const auto answer = run({good, "--json", "--target", target});
        CHECK(answer.status == 0);
        return Json::parse(answer.output)["verdict"]["verdict"].get<std::string>();
    };
    CHECK(verdict("Au3(SMe)3") == "confirmed");
    CHECK(verdict("Au3(SEt)3") == "analogue");
    const std::string json = R"({"core":{"metals":{"Au":3},"anions":{},"hydrides":null},)"
                             R"("ligands":[{"smiles":"C[S-]","count":3}],"charge":null})";
    CHECK(verdict(json) == "confirmed");
    CHECK(verdict("@" + write(dir / "target.json", json)) == "confirmed");
    CHECK(verdict("@" + write(dir / "target.txt", "Au4(SMe)3\n")) == "analogue");
    const auto unknown = run({good, "--target", "Au3(Nonsense)3"});
    CHECK(unknown.status == 2);
    CHECK(unknown.output.find("--target: ") != std::string::npos);
}

TEST_CASE("every block is compared with the target, the best match is the answer",
          "[structure][command]") {
    const TempDir dir;
    const auto file = write(dir / "two.cif", block("a", gold_ring()) + block("b", ring_of("Ag")));
    const auto judged = [&](const std::string& target) {
        const auto answer = run({file, "--json", "--target", target});
        CHECK(answer.status == 0);
        return Json::parse(answer.output);
    };
    const auto silver = judged("Ag3(SMe)3");
    CHECK(silver["block"] == "b");
    CHECK(silver["verdict"]["verdict"] == "confirmed");
    CHECK(holds(silver["warnings"], "block b was judged; block a holds another cluster, Au3("));
    const auto gold = judged("Au3(SMe)3");
    CHECK(gold["block"] == "a");
    CHECK(gold["verdict"]["verdict"] == "confirmed");
    // Neither is: the one that is described without a target.
    const auto copper = judged("Cu3(SMe)3");
    CHECK(copper["block"] == "a");
    CHECK(copper["verdict"]["verdict"] == "analogue");
    CHECK(holds(copper["warnings"], "block a was judged; block b holds another cluster, Ag3"));
}

TEST_CASE("every cluster of a cell is compared with the target", "[structure][command]") {
    const TempDir dir;
    const auto file =
        write(dir / "cell.cif", cif_of(gold_ring() + moved(ring_of("Ag"), {0.0, 0.0, 8.0}, "_2")));
    for (const char* metal : {"Au", "Ag"}) {
        const auto answer = run({file, "--json", "--target", std::string(metal) + "3(SMe)3"});
        CHECK(answer.status == 0);
        const Json report = Json::parse(answer.output);
        CHECK(report["core"]["formula"] == std::string(metal) + "3");
        CHECK(report["verdict"]["verdict"] == "confirmed");
        CHECK(holds(report["warnings"], "a second cluster in the crystal, "));
    }
}

TEST_CASE("a block that cannot be read leaves the verdict open unless another block decides",
          "[structure][command]") {
    const TempDir dir;
    std::string damaged = block("a", gold_ring());
    damaged.replace(damaged.find("Au1 Au 0.50000(3)"), 17, "Au1 Au abc48614");
    const auto file = write(dir / "two.cif", damaged + block("b", ring_of("Ag")));
    const auto silver = run({file, "--json", "--target", "Ag3(SMe)3"});
    CHECK(silver.status == 0);
    const Json report = Json::parse(silver.output);
    CHECK(report["verdict"]["verdict"] == "confirmed");
    CHECK(holds(report["warnings"], "block a could not be judged (bad_atom)"));
    const auto copper = run({file, "--json", "--target", "Cu3(SMe)3"});
    CHECK(copper.status == 2);
    CHECK(Json::parse(copper.output)["error"]["code"] == "bad_atom");
}

TEST_CASE("people read the answer as text", "[structure][command]") {
    const TempDir dir;
    const auto good = write(dir / "good.cif", cif_of(gold_ring() + dichloromethane()));
    const auto answer = run({good, "--target", "Au3(SEt)3"});
    CHECK(answer.status == 0);
    for (const char* words : {"3 x SMe CH3S, thiolate",
                              "1 x CH2Cl2 (solvent)",
                              "analogue, not",
                              "expected SEt (C2H5S)",
                              "found SMe (CH3S)"}) {
        CAPTURE(answer.output);
        CHECK(answer.output.find(words) != std::string::npos);
    }
    const auto bad = run({write(dir / "bad.cif", "data_x\n")});
    CHECK(bad.status == 2);
    CHECK(bad.output.find("bad.cif: block x: no list of atoms") != std::string::npos);
}

TEST_CASE("structures are imported into a table beside other tables", "[structure][command]") {
    const TempDir dir;
    const auto good = write(dir / "good.cif", cif_of(gold_ring()));
    const auto table = (dir / "ours.csv").string();
    const auto first = command({"pool", "import", good, "--into", table, "--json"});
    CHECK(first.status == 0);
    CHECK(Json::parse(first.output)["added"] == 1);
    CHECK(read(table).find("C[S-]*3") != std::string::npos);
    const auto again = command({"pool", "import", good, "--into", table, "--json"});
    CHECK(Json::parse(again.output)["known"] == 1);
    const auto bare = write(dir / "bare.xyz", "2\n\nAu 0 0 0\nAu 0 0 2.6\n");
    const auto refused = command({"pool", "import", bare, "--into", table});
    CHECK(refused.status == 2);
    CHECK(refused.output.find("no ligands in the structure") != std::string::npos);
}

TEST_CASE("every block of a file is imported, and what is left out says why",
          "[structure][command]") {
    const TempDir dir;
    const auto gold = write(dir / "gold.cif", cif_of(gold_ring()));
    const auto mixed = write(dir / "mixed.cif", cif_of(mixed_ring()));
    const auto two = write(dir / "two.cif", block("a", gold_ring()) + block("b", ring_of("Ag")));
    const auto table = (dir / "ours.csv").string();
    SECTION("for people") {
        const auto answer = command({"pool", "import", gold, mixed, two, "--into", table});
        CHECK(answer.status == 0);
        CAPTURE(answer.output);
        for (const std::string& words :
             {std::string("2 clusters added, 1 known already, 1 left out"),
              mixed + " (block test): left out: it is known only on average "
                      "(Ag 0.50, Au 2.50)",
              mixed + " (block test): warning: metals share sites"}) {
            CHECK(answer.output.find(words) != std::string::npos);
        }
        CHECK(read(table).find("two/b,") != std::string::npos);
    }
    SECTION("as JSON") {
        const auto answer =
            command({"pool", "import", gold, mixed, two, "--into", table, "--json"});
        CHECK(answer.status == 0);
        const Json json = Json::parse(answer.output.substr(answer.output.rfind("{\"table\"")));
        CHECK(json["added"] == 2);
        CHECK(json["known"] == 1);
        REQUIRE(json["left_out"].size() == 1);
        CHECK(holds(json["left_out"], "mixed.cif (block test): left out: "));
        CHECK(holds(json["warnings"], "metals share sites"));
    }
    SECTION("a block without a cluster") {
        std::string endless = cif_of({{"Ag1", "Ag", {0.0, 2.5, 2.5}},
                                      {"C1", "C", {2.06, 2.5, 2.5}},
                                      {"N1", "N", {3.21, 2.5, 2.5}}},
                                     "",
                                     "x,y,z",
                                     5.27);
        endless.replace(0, std::string("data_test").size(), "data_chain");
        const auto file = write(dir / "beside.cif", cif_of(gold_ring()) + endless);
        const auto answer = command({"pool", "import", file, "--into", table});
        CHECK(answer.status == 0);
        CAPTURE(answer.output);
        CHECK(answer.output.find("1 clusters added, 0 known already, 1 left out") !=
              std::string::npos);
        CHECK(answer.output.find("block chain: the metals hang together without end") !=
              std::string::npos);
    }
}
