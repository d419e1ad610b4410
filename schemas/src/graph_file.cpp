// Reads and writes graphs-1: one record a line, fields apart by one blank, counts before lists.
#include <istream>
#include <limits>
#include <ostream>
#include <sstream>

#include <cupel/domain/error.hpp>
#include <cupel/domain/graph_file.hpp>

namespace cupel {
namespace {

constexpr long kMost = 10'000'000;  ///< of anything; more is taken for a damaged file

/// Text as one field: blanks, control characters and '%' as %XX; empty text as "%".
std::string field(const std::string& text) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    if (text.empty()) {
        return "%";
    }
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= ' ' || c == '%' || byte == 0x7f) {
            out += '%';
            out += kHex[byte / 16];
            out += kHex[byte % 16];
        } else {
            out += c;
        }
    }
    return out;
}

class GraphReader {
  public:
    GraphReader(std::istream& in, const std::string& name) : in_(in), name_(name) {}

    GraphFile read() {
        expect("graphs-1");
        GraphFile file;
        const long ligands = count("ligands");
        for (long i = 0; i < ligands; ++i) {
            read_ligand(file);
        }
        const long cores = count("cores");
        for (long i = 0; i < cores; ++i) {
            file.cores.push_back(read_core());
        }
        const long rows = count("rows");
        for (long i = 0; i < rows; ++i) {
            file.rows.push_back(read_row(file));
        }
        expect("end");
        return file;
    }

  private:
    [[noreturn]] void fail(const std::string& problem) const {
        throw InputError("bad_graphs", name_ + ":" + std::to_string(line_) + ": " + problem);
    }

    void next(const std::string& kind) {
        std::string line;
        ++line_;
        if (!std::getline(in_, line)) {
            fail("ends where '" + kind + "' should stand");
        }
        fields_.clear();
        fields_.str(line);
        std::string word;
        if (!(fields_ >> word) || word != kind) {
            fail("expected '" + kind + "', got '" + word.substr(0, 40) + "'");
        }
    }

    void expect(const std::string& kind) {
        next(kind);
        done();
    }

    void done() {
        std::string rest;
        if (fields_ >> rest) {
            fail("unexpected '" + rest.substr(0, 40) + "'");
        }
    }

    long number(long least, long most) {
        long value = 0;
        if (!(fields_ >> value) || value < least || value > most) {
            fail("expected a number from " + std::to_string(least) + " to " + std::to_string(most));
        }
        return value;
    }

    template <typename T>
    T small() {
        return static_cast<T>(number(std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
    }
    bool flag() { return number(0, 1) != 0; }

    std::string text() {
        std::string word;
        if (!(fields_ >> word)) {
            fail("a field is missing");
        }
        if (word == "%") {
            return {};
        }
        std::string out;
        for (std::size_t i = 0; i < word.size(); ++i) {
            if (word[i] != '%') {
                out += word[i];
                continue;
            }
            const auto digit = [&](std::size_t at) {
                static const std::string hex = "0123456789ABCDEF";
                const std::size_t value = at < word.size() ? hex.find(word[at]) : std::string::npos;
                if (value == std::string::npos) {
                    fail("a bad escape in '" + word.substr(0, 40) + "'");
                }
                return value;
            };
            out += static_cast<char>(digit(i + 1) * 16 + digit(i + 2));
            i += 2;
        }
        return out;
    }

    long count(const std::string& kind) {
        next(kind);
        const long n = number(0, kMost);
        done();
        return n;
    }

    void read_ligand(GraphFile& file) {
        next("ligand");
        AtomGraph graph;
        graph.smiles = text();
        graph.donor_class = text();
        graph.charge = static_cast<int>(number(-99, 99));
        graph.denticity = static_cast<int>(number(0, 999));
        const long atoms = number(1, 65535), bonds = number(0, 65535);
        Fingerprint print;
        print.size = static_cast<std::uint32_t>(number(1, kMost));
        const long bits = number(0, print.size);
        done();
        for (long i = 0; i < atoms; ++i) {
            graph.atoms.push_back(read_atom());
        }
        for (long i = 0; i < bonds; ++i) {
            graph.bonds.push_back(read_bond(atoms));
        }
        next("f");
        for (long i = 0; i < bits; ++i) {
            const auto bit = static_cast<std::uint32_t>(number(0, print.size - 1));
            print.counts.emplace_back(bit, small<std::uint16_t>());
        }
        done();
        file.ligands.push_back(std::move(graph));
        file.fingerprints.push_back(std::move(print));
    }

    GraphAtom read_atom() {
        next("a");
        GraphAtom atom;
        atom.atomic_number = small<std::uint8_t>();
        atom.formal_charge = small<std::int8_t>();
        atom.degree = small<std::uint8_t>();
        atom.hydrogens = small<std::uint8_t>();
        atom.hybridisation = static_cast<std::uint8_t>(number(0, 3));
        atom.aromatic = flag();
        atom.in_ring = flag();
        atom.donor = flag();
        atom.donor_distance = small<std::uint8_t>();
        done();
        return atom;
    }

    GraphBond read_bond(long atoms) {
        next("b");
        GraphBond bond;
        bond.begin = static_cast<std::uint16_t>(number(0, atoms - 1));
        bond.end = static_cast<std::uint16_t>(number(0, atoms - 1));
        bond.order = static_cast<std::uint8_t>(number(1, 4));
        bond.in_ring = flag();
        bond.conjugated = flag();
        done();
        return bond;
    }

    CoreGraph read_core() {
        next("core");
        CoreGraph core;
        core.hydrides = static_cast<int>(number(-1, kMost));
        const long metals = number(1, 999), anions = number(0, 999), atoms = number(0, kMost);
        done();
        for (long i = 0; i < metals; ++i) {
            next("m");
            const auto z = static_cast<std::uint8_t>(number(1, 118));
            core.metals.emplace_back(z, static_cast<int>(number(1, kMost)));
            done();
        }
        for (long i = 0; i < anions; ++i) {
            next("n");
            std::string formula = text();
            core.anions.emplace_back(std::move(formula), static_cast<int>(number(1, kMost)));
            done();
        }
        for (long i = 0; i < atoms; ++i) {
            next("x");
            core.elements.push_back(static_cast<std::uint8_t>(number(1, 118)));
            std::array<float, 3> at{};
            for (float& value : at) {
                if (!(fields_ >> value)) {
                    fail("expected a coordinate");
                }
            }
            core.positions.push_back(at);
            done();
        }
        return core;
    }

    GraphRow read_row(const GraphFile& file) {
        next("row");
        GraphRow row;
        row.id = text();
        row.core = static_cast<std::size_t>(number(0, static_cast<long>(file.cores.size()) - 1));
        const long species = number(1, 999);
        for (long i = 0; i < species; ++i) {
            const long place = number(0, static_cast<long>(file.ligands.size()) - 1);
            row.ligands.emplace_back(static_cast<std::size_t>(place),
                                     static_cast<int>(number(1, kMost)));
        }
        done();
        return row;
    }

    std::istream& in_;
    const std::string& name_;
    std::istringstream fields_;
    std::size_t line_ = 0;
};

void write_ligand(std::ostream& out, const AtomGraph& graph, const Fingerprint& print) {
    out << "ligand " << field(graph.smiles) << ' ' << field(graph.donor_class) << ' '
        << graph.charge << ' ' << graph.denticity << ' ' << graph.atoms.size() << ' '
        << graph.bonds.size() << ' ' << print.size << ' ' << print.counts.size() << '\n';
    for (const auto& atom : graph.atoms) {
        out << "a " << int{atom.atomic_number} << ' ' << int{atom.formal_charge} << ' '
            << int{atom.degree} << ' ' << int{atom.hydrogens} << ' ' << int{atom.hybridisation}
            << ' ' << atom.aromatic << ' ' << atom.in_ring << ' ' << atom.donor << ' '
            << int{atom.donor_distance} << '\n';
    }
    for (const auto& bond : graph.bonds) {
        out << "b " << bond.begin << ' ' << bond.end << ' ' << int{bond.order} << ' '
            << bond.in_ring << ' ' << bond.conjugated << '\n';
    }
    out << 'f';
    for (const auto& [bit, count] : print.counts) {
        out << ' ' << bit << ' ' << count;
    }
    out << '\n';
}

void write_core(std::ostream& out, const CoreGraph& core) {
    out << "core " << core.hydrides << ' ' << core.metals.size() << ' ' << core.anions.size() << ' '
        << core.positions.size() << '\n';
    for (const auto& [z, count] : core.metals) {
        out << "m " << int{z} << ' ' << count << '\n';
    }
    for (const auto& [formula, count] : core.anions) {
        out << "n " << field(formula) << ' ' << count << '\n';
    }
    for (std::size_t i = 0; i < core.positions.size(); ++i) {
        const auto& at = core.positions[i];
        out << "x " << int{core.elements[i]} << ' ' << at[0] << ' ' << at[1] << ' ' << at[2]
            << '\n';
    }
}

}  // namespace

void write_graph_file(std::ostream& out, const GraphFile& file) {
    out.precision(std::numeric_limits<float>::max_digits10);
    out << "graphs-1\nligands " << file.ligands.size() << '\n';
    for (std::size_t i = 0; i < file.ligands.size(); ++i) {
        write_ligand(out, file.ligands[i], file.fingerprints[i]);
    }
    out << "cores " << file.cores.size() << '\n';
    for (const auto& core : file.cores) {
        write_core(out, core);
    }
    out << "rows " << file.rows.size() << '\n';
    for (const auto& row : file.rows) {
        out << "row " << field(row.id) << ' ' << row.core << ' ' << row.ligands.size();
        for (const auto& [place, count] : row.ligands) {
            out << ' ' << place << ' ' << count;
        }
        out << '\n';
    }
    out << "end\n";
    if (!out.flush()) {
        throw Error("the graph file cannot be written");
    }
}

GraphFile read_graph_file(std::istream& in, const std::string& name) {
    return GraphReader(in, name).read();
}

}  // namespace cupel
