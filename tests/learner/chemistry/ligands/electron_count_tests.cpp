// Known electron counts, and what makes a count impossible.
#include <cupel/chemistry/candidate_name.hpp>
#include <cupel/chemistry/data_dir.hpp>
#include <cupel/chemistry/electron_count.hpp>
#include <cupel/chemistry/reported_table.hpp>

#include "catch.hpp"

using namespace cupel;
using namespace cupel::chemistry;
using Catch::Matchers::Contains;

namespace {

ElectronCount count_of(const std::string& name, const std::map<std::string, int>& states = {}) {
    return count_electrons(parse_candidate_name(name, Abbreviations::standard()), states);
}

}  // namespace

TEST_CASE("electron counts of well-known clusters", "[chemistry]") {
    CHECK(count_of("[Au25(PET)18]-").n == 8);
    CHECK(count_of("[Au25(PET)18]0").n == 7);
    CHECK(count_of("[PtAu24(PET)18]0").n == 6);
    CHECK(count_of("[Au38(PET)24]0").n == 14);
    CHECK(count_of("[Ag44(p-MBA)30]4-").n == 18);
    CHECK(count_of("[Au11Cl2(PPh3)8]+").n == 8);
    CHECK(count_of("[Au102(p-MBA)44]0").n == 58);
    CHECK(count_of("[Cu20Cl(PET)12(PPh3)4(MeCOO)6]+").n == 0);
    CHECK(count_of("[Cu19Cl(PET)12(PPh3)3(HCOO)6]0").n == 0);
    CHECK(count_of("[CdAu24(PET)18]0").n == 8);
}

TEST_CASE("with hydrogen both readings are given", "[chemistry]") {
    // PtHAg19{S2P(OPr)2}12: 19 + 1 - 12 = 8 with the electron of hydrogen inside.
    const auto platinum = count_of("[PtHAg19(S2P(OnPr)2)12]0");
    CHECK(platinum.n == 6);
    CHECK(platinum.n_hydrogen_in == 8);
    const auto copper = count_of("[Cu25H22(PPh3)12]+");
    CHECK(copper.n == 2);
    const auto none = count_of("[Au25(PET)18]-");
    CHECK(none.n == none.n_hydrogen_in);
}

TEST_CASE("there is no count where something is not known", "[chemistry]") {
    CHECK_THAT(count_of("Au25(PET)18").unknown, Contains("charge is unknown"));
    CHECK_FALSE(count_of("Au25(PET)18").n);
    CHECK_THAT(count_of("[Au3Fe(CO)4(PPh3)3]+").unknown, Contains("Fe"));
    CHECK(count_of("[Au3Fe(CO)4(PPh3)3]+", {{"Fe", -2}}).n == 0);
    CHECK(count_of("[Cu4Cl6O(py)4]0", {{"Cu", 2}}).n == 0);
    Candidate odd = parse_candidate_name("[Ag10(StBu)8]0", Abbreviations::standard());
    odd.core.anions["SiW9O34"] = 1;
    CHECK_THAT(count_electrons(odd).unknown, Contains("SiW9O34"));
}

TEST_CASE("the nearest magic number and the distance to it", "[chemistry]") {
    CHECK(nearest_magic_number(8) == 8);
    CHECK(nearest_magic_number(14) == 18);
    CHECK(nearest_magic_number(13) == 8);
    CHECK(nearest_magic_number(-3) == 0);
    CHECK(distance_to_magic_number(14) == 4);
    CHECK(distance_to_magic_number(100) == 8);
}

TEST_CASE("most reported clusters with a count have none to spare", "[chemistry]") {
    int counted = 0, zero = 0;
    for (const auto& row : load_reported_table(data_dir() / "clusters.csv")) {
        const auto count = count_electrons(row.candidate);
        counted += count.n ? 1 : 0;
        zero += count.n == 0 || count.n_hydrogen_in == 0 ? 1 : 0;
    }
    CAPTURE(counted, zero);
    CHECK(counted > 400);
    CHECK(zero * 10 > counted * 6);
}
