// Graphs written as plain text come back unchanged; a damaged file says where.
#include <fstream>
#include <sstream>

#include <cupel/chemistry/data_dir.hpp>
#include <cupel/chemistry/reported_table.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/domain/graph_file.hpp>

#include "catch.hpp"
#include "temp_dir.hpp"

using namespace cupel;
using namespace cupel::chemistry;
using Catch::Matchers::Contains;

namespace {

std::string written(const GraphFile& file) {
    std::ostringstream out;
    write_graph_file(out, file);
    return out.str();
}

GraphFile read(const std::string& text) {
    std::istringstream in(text);
    return read_graph_file(in, "g.txt");
}

GraphFile small_file() {
    std::vector<ReportedCluster> rows;
    for (auto& row : load_reported_table(data_dir() / "clusters.csv")) {
        if (rows.size() < 12) {
            rows.push_back(std::move(row));
        }
    }
    rows[0].id = "odd id 100%";
    rows[0].candidate.core.atoms = {{79, {0.1, -2.25, 1e-7}, 1.0}, {79, {2.9, 0, 0}, 1.0}};
    return graph_file_of(rows);
}

}  // namespace

TEST_CASE("the starter table as graphs is read back byte for byte", "[chemistry]") {
    const auto rows = load_reported_table(data_dir() / "clusters.csv");
    const GraphFile file = graph_file_of(rows);
    CHECK(file.rows.size() == 683);
    CHECK(file.cores.size() == 340);
    CHECK(file.ligands.size() == 295);
    const std::string text = written(file);
    const GraphFile back = read(text);
    CHECK(written(back) == text);
    CHECK(back.ligands.at(0).atoms.size() == file.ligands.at(0).atoms.size());
    CHECK(back.fingerprints.at(3).counts == file.fingerprints.at(3).counts);
    CHECK(back.cores.at(5).metals == file.cores.at(5).metals);
}

TEST_CASE("odd ids and coordinates survive", "[chemistry]") {
    const GraphFile back = read(written(small_file()));
    CHECK(back.rows.at(0).id == "odd id 100%");
    REQUIRE(back.cores.at(0).positions.size() == 2);
    CHECK(back.cores.at(0).positions[0] == std::array<float, 3>{0.1F, -2.25F, 1e-7F});
}

TEST_CASE("a damaged graph file is refused by line, wherever it is cut", "[chemistry]") {
    const std::string text = written(small_file());
    std::size_t cuts = 0;
    for (std::size_t end = 0; end + 4 < text.size(); end += 97) {
        CHECK_THROWS_AS(read(text.substr(0, end)), InputError);
        ++cuts;
    }
    CHECK(cuts > 50);
    const auto error = [](const std::string& bad) -> std::string {
        try {
            read(bad);
        } catch (const InputError& e) {
            return e.what();
        }
        return "read";
    };
    CHECK_THAT(error("graphs-2\n"), Contains("g.txt:1: expected 'graphs-1'"));
    CHECK_THAT(error("graphs-1\nligands -1\n"), Contains("g.txt:2: expected a number"));
    CHECK_THAT(error("graphs-1\nligands 0\ncores 0\nrows 1\nrow a 0 1 0 1\nend\n"),
               Contains("g.txt:5: expected a number"));
    CHECK_THAT(error("graphs-1\nligands 0\ncores 1\ncore -1 1 0 0\nm 200 1\n"),
               Contains("g.txt:5: expected a number from 1 to 118"));
    CHECK_THAT(error("graphs-1\nligands 1\nligand %2 other 0 0 1 0 8 0\n"), Contains("bad escape"));
}

TEST_CASE("a table written out is read back to the same clusters", "[chemistry]") {
    const auto rows = load_reported_table(data_dir() / "clusters.csv");
    const test::TempDir folder;
    {
        std::ofstream out(folder.path() / "t.csv");
        std::string heading;
        for (const auto& name : reported_table_columns()) {
            heading += (heading.empty() ? "" : ",") + name;
        }
        out << heading << "\n";
        for (const auto& row : rows) {
            out << reported_table_row(row);
        }
    }
    const auto back = load_reported_table(folder.path() / "t.csv");
    REQUIRE(back.size() == rows.size());
    int different = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        different += identity_key(back[i].candidate) == identity_key(rows[i].candidate) &&
                             back[i].id == rows[i].id && back[i].source == rows[i].source
                         ? 0
                         : 1;
    }
    CHECK(different == 0);
}

TEST_CASE("a structure becomes a reported cluster", "[chemistry]") {
    StructureReport report;
    report.file = "/data/1540567.cif";
    report.block = "au25";
    report.core.metals = {{"Au", 25}};
    const auto cluster = reported_cluster(report);
    CHECK(cluster.id == "1540567/au25");
    CHECK(cluster.name == "Au25");
    CHECK(cluster.status == "ok");
    CHECK_FALSE(cluster.candidate.charge);
}
