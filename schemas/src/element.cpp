// The periodic table as data. Radii: Cordero et al., Dalton Trans. 2008, 2832 (low-spin values);
// electronegativities: Pauling scale; weights: IUPAC abridged.
#include <array>

#include <cupel/domain/element.hpp>

namespace cupel {
namespace {

struct ElementData {
    std::string_view symbol;
    double radius;
    double electronegativity;
    double weight;
};

constexpr std::array<ElementData, 104> kElements{{
    {"", 0, 0, 0},
    {"H", 0.31, 2.20, 1.008},
    {"He", 0.28, 0, 4.0026},
    {"Li", 1.28, 0.98, 6.94},
    {"Be", 0.96, 1.57, 9.0122},
    {"B", 0.84, 2.04, 10.81},
    {"C", 0.76, 2.55, 12.011},
    {"N", 0.71, 3.04, 14.007},
    {"O", 0.66, 3.44, 15.999},
    {"F", 0.57, 3.98, 18.998},
    {"Ne", 0.58, 0, 20.180},
    {"Na", 1.66, 0.93, 22.990},
    {"Mg", 1.41, 1.31, 24.305},
    {"Al", 1.21, 1.61, 26.982},
    {"Si", 1.11, 1.90, 28.085},
    {"P", 1.07, 2.19, 30.974},
    {"S", 1.05, 2.58, 32.06},
    {"Cl", 1.02, 3.16, 35.45},
    {"Ar", 1.06, 0, 39.948},
    {"K", 2.03, 0.82, 39.098},
    {"Ca", 1.76, 1.00, 40.078},
    {"Sc", 1.70, 1.36, 44.956},
    {"Ti", 1.60, 1.54, 47.867},
    {"V", 1.53, 1.63, 50.942},
    {"Cr", 1.39, 1.66, 51.996},
    {"Mn", 1.39, 1.55, 54.938},
    {"Fe", 1.32, 1.83, 55.845},
    {"Co", 1.26, 1.88, 58.933},
    {"Ni", 1.24, 1.91, 58.693},
    {"Cu", 1.32, 1.90, 63.546},
    {"Zn", 1.22, 1.65, 65.38},
    {"Ga", 1.22, 1.81, 69.723},
    {"Ge", 1.20, 2.01, 72.630},
    {"As", 1.19, 2.18, 74.922},
    {"Se", 1.20, 2.55, 78.971},
    {"Br", 1.20, 2.96, 79.904},
    {"Kr", 1.16, 3.00, 83.798},
    {"Rb", 2.20, 0.82, 85.468},
    {"Sr", 1.95, 0.95, 87.62},
    {"Y", 1.90, 1.22, 88.906},
    {"Zr", 1.75, 1.33, 91.224},
    {"Nb", 1.64, 1.6, 92.906},
    {"Mo", 1.54, 2.16, 95.95},
    {"Tc", 1.47, 1.9, 97},
    {"Ru", 1.46, 2.2, 101.07},
    {"Rh", 1.42, 2.28, 102.91},
    {"Pd", 1.39, 2.20, 106.42},
    {"Ag", 1.45, 1.93, 107.87},
    {"Cd", 1.44, 1.69, 112.41},
    {"In", 1.42, 1.78, 114.82},
    {"Sn", 1.39, 1.96, 118.71},
    {"Sb", 1.39, 2.05, 121.76},
    {"Te", 1.38, 2.1, 127.60},
    {"I", 1.39, 2.66, 126.90},
    {"Xe", 1.40, 2.6, 131.29},
    {"Cs", 2.44, 0.79, 132.91},
    {"Ba", 2.15, 0.89, 137.33},
    {"La", 2.07, 1.10, 138.91},
    {"Ce", 2.04, 1.12, 140.12},
    {"Pr", 2.03, 1.13, 140.91},
    {"Nd", 2.01, 1.14, 144.24},
    {"Pm", 1.99, 1.13, 145},
    {"Sm", 1.98, 1.17, 150.36},
    {"Eu", 1.98, 1.2, 151.96},
    {"Gd", 1.96, 1.2, 157.25},
    {"Tb", 1.94, 1.1, 158.93},
    {"Dy", 1.92, 1.22, 162.50},
    {"Ho", 1.92, 1.23, 164.93},
    {"Er", 1.89, 1.24, 167.26},
    {"Tm", 1.90, 1.25, 168.93},
    {"Yb", 1.87, 1.1, 173.05},
    {"Lu", 1.87, 1.27, 174.97},
    {"Hf", 1.75, 1.3, 178.49},
    {"Ta", 1.70, 1.5, 180.95},
    {"W", 1.62, 2.36, 183.84},
    {"Re", 1.51, 1.9, 186.21},
    {"Os", 1.44, 2.2, 190.23},
    {"Ir", 1.41, 2.20, 192.22},
    {"Pt", 1.36, 2.28, 195.08},
    {"Au", 1.36, 2.54, 196.97},
    {"Hg", 1.32, 2.00, 200.59},
    {"Tl", 1.45, 1.62, 204.38},
    {"Pb", 1.46, 2.33, 207.2},
    {"Bi", 1.48, 2.02, 208.98},
    {"Po", 1.40, 2.0, 209},
    {"At", 1.50, 2.2, 210},
    {"Rn", 1.50, 0, 222},
    {"Fr", 2.60, 0.7, 223},
    {"Ra", 2.21, 0.9, 226},
    {"Ac", 2.15, 1.1, 227},
    {"Th", 2.06, 1.3, 232.04},
    {"Pa", 2.00, 1.5, 231.04},
    {"U", 1.96, 1.38, 238.03},
    {"Np", 1.90, 1.36, 237},
    {"Pu", 1.87, 1.28, 244},
    {"Am", 1.80, 1.3, 243},
    {"Cm", 1.69, 1.3, 247},
    {"Bk", 0, 0, 247},
    {"Cf", 0, 0, 251},
    {"Es", 0, 0, 252},
    {"Fm", 0, 0, 257},
    {"Md", 0, 0, 258},
    {"No", 0, 0, 259},
    {"Lr", 0, 0, 262},
}};

const ElementData& element(int z) noexcept {
    return kElements[z > 0 && z < static_cast<int>(kElements.size()) ? static_cast<std::size_t>(z)
                                                                     : 0];
}

}  // namespace

int atomic_number(std::string_view symbol) noexcept {
    if (symbol == "D" || symbol == "T") {
        return 1;
    }
    for (std::size_t z = 1; z < kElements.size(); ++z) {
        if (kElements[z].symbol == symbol) {
            return static_cast<int>(z);
        }
    }
    return 0;
}

std::string_view element_symbol(int z) noexcept {
    return element(z).symbol;
}
double covalent_radius(int z) noexcept {
    return element(z).radius;
}
double electronegativity(int z) noexcept {
    return element(z).electronegativity;
}
double atomic_weight(int z) noexcept {
    return element(z).weight;
}

int element_period(int z) noexcept {
    constexpr std::array<int, 7> kLast{2, 10, 18, 36, 54, 86, 118};
    for (std::size_t i = 0; i < kLast.size(); ++i) {
        if (z <= kLast[i]) {
            return static_cast<int>(i) + 1;
        }
    }
    return 0;
}

int element_group(int z) noexcept {
    if (z == 1) {
        return 1;
    }
    if (z == 2) {
        return 18;
    }
    if ((z >= 57 && z <= 71) || (z >= 89 && z <= 103)) {
        return 3;
    }
    const int period = element_period(z);
    constexpr std::array<int, 7> kFirst{1, 3, 11, 19, 37, 55, 87};
    const int place = z - kFirst[static_cast<std::size_t>(period - 1)] + 1;
    if (period <= 3) {
        return place <= 2 ? place : place + 10;
    }
    return period <= 5 || place <= 3 ? place : place - 14;
}

bool is_coinage_metal(int z) noexcept {
    return z == 29 || z == 47 || z == 79;
}

bool is_metal(int z) noexcept {
    const bool main_group = z == 3 || z == 4 || (z >= 11 && z <= 13) || (z >= 19 && z <= 31) ||
                            (z >= 37 && z <= 49) || (z >= 55 && z <= 83) || (z >= 87 && z <= 103);
    return main_group && z != 50 && z != 51;
}

std::string hill_formula(const Composition& composition) {
    std::string text;
    const auto put = [&](const std::string& symbol, int count) {
        if (count > 0) {
            text += symbol + (count > 1 ? std::to_string(count) : "");
        }
    };
    const auto count_of = [&](const char* symbol) {
        const auto it = composition.find(symbol);
        return it == composition.end() ? 0 : it->second;
    };
    const bool carbon = count_of("C") > 0;
    if (carbon) {
        put("C", count_of("C"));
        put("H", count_of("H"));
    }
    for (const auto& [symbol, count] : composition) {
        if (!carbon || (symbol != "C" && symbol != "H")) {
            put(symbol, count);
        }
    }
    return text;
}

std::optional<Composition> try_parse_formula(std::string_view text) {
    Composition composition;
    std::size_t i = 0;
    while (i < text.size()) {
        if (text[i] == ' ') {
            ++i;
            continue;
        }
        std::size_t length = 1;
        if (i + 1 < text.size() && text[i + 1] >= 'a' && text[i + 1] <= 'z') {
            length = 2;
        }
        const std::string symbol(text.substr(i, length));
        if (atomic_number(symbol) == 0) {
            return std::nullopt;
        }
        i += length;
        int count = 0;
        bool stated = false;
        while (i < text.size() && text[i] >= '0' && text[i] <= '9') {
            if (count > 1'000'000) {
                return std::nullopt;
            }
            count = count * 10 + (text[i++] - '0');
            stated = true;
        }
        composition[symbol] += stated ? count : 1;
    }
    if (composition.empty()) {
        return std::nullopt;
    }
    return composition;
}

}  // namespace cupel
