// The model as a whole on a toy chemistry.
#include <cmath>
#include <fstream>
#include <numeric>

#include <cupel/domain/error.hpp>
#include <cupel/domain/sha256.hpp>
#include <cupel/learner/learner.hpp>
#include <cupel/learner/metrics.hpp>
#include <cupel/learner/named_arrays.hpp>

#include "catch.hpp"
#include "temp_dir.hpp"
#include "toy_data.hpp"

using namespace cupel::learner;
using cupel::test::toy_data;
using cupel::test::toy_options;

namespace {

Learner trained(const cupel::test::ToyData& data) {
    return Learner::train(data.catalogue, data.known, {}, toy_options());
}

}  // namespace

TEST_CASE("the rule of the toy chemistry is learned", "[learner]") {
    const auto data = toy_data();
    const auto model = trained(data);
    auto pairs = data.known;
    std::vector<int> labels(pairs.size(), 1);
    pairs.insert(pairs.end(), data.wrong.begin(), data.wrong.end());
    labels.resize(pairs.size(), 0);
    CHECK(roc_auc(labels, model.interaction(data.catalogue, pairs)).value() > 0.9);
}

TEST_CASE("the same seed gives the same model whatever the threads; another seed another",
          "[learner]") {
    const auto data = toy_data();
    auto options = toy_options();
    options.threads = 1;
    const auto one = Learner::train(data.catalogue, data.known, {}, options).hash();
    options.threads = 2;
    CHECK(Learner::train(data.catalogue, data.known, {}, options).hash() == one);
    options.seed = 4;
    CHECK(Learner::train(data.catalogue, data.known, {}, options).hash() != one);
}

TEST_CASE("message passing is deterministic too", "[learner]") {
    const auto data = toy_data();
    auto options = toy_options();
    options.graph_layers = 2;
    options.graph_width = 8;
    options.epochs = 5;
    CHECK(Learner::train(data.catalogue, data.known, {}, options).hash() ==
          Learner::train(data.catalogue, data.known, {}, options).hash());
}

namespace {

// The toy cores as zigzag chains of atoms; `every` names which of them get coordinates.
void place_chains(Catalogue& catalogue, std::size_t every) {
    for (std::size_t core = 0; core < catalogue.cores().size(); core += every) {
        const auto [z, count] = catalogue.cores()[core].metals.front();
        std::vector<std::array<float, 3>> places;
        for (int i = 0; i < count; ++i) {
            places.push_back({2.4F * static_cast<float>(i), i % 2 == 0 ? 0.0F : 1.5F, 0.0F});
        }
        catalogue.place_atoms(
            core, std::vector<std::uint8_t>(places.size(), static_cast<std::uint8_t>(z)), places);
    }
}

}  // namespace

TEST_CASE("a 3-D path without coordinates to read changes no prediction", "[learner]") {
    const auto data = toy_data();
    auto options = toy_options();
    options.epochs = 10;
    const auto formula = Learner::train(data.catalogue, data.known, {}, options);
    options.structure_layers = 2;
    const auto both = Learner::train(data.catalogue, data.known, {}, options);
    CHECK(both.interaction(data.catalogue, data.wrong) ==
          formula.interaction(data.catalogue, data.wrong));
    // The settings differ, and with them the name; without the 3-D path it is what it always was.
    CHECK(both.hash() != formula.hash());
    CHECK(LearnerOptions{}.text() ==
          "version 2 seed 0 members 4 epochs 150 width 128 embedding 64 rectified 64 "
          "graph_layers 0 graph_width 48 dropout 0.25 learning_rate 0.0030000000000000001 "
          "weight_decay 0.01 smoothing 0.050000000000000003 contrast 0.20000000000000001 "
          "lab_weight 4 kernel 0.20000000000000001");
}

TEST_CASE("coordinates are read with the 3-D path alone, from the formula path on", "[learner]") {
    auto data = toy_data();
    auto options = toy_options();
    options.epochs = 10;
    const auto before = Learner::train(data.catalogue, data.known, {}, options);
    place_chains(data.catalogue, 2);
    const auto formula = Learner::train(data.catalogue, data.known, {}, options);
    CHECK(formula.hash() == before.hash());
    options.structure_layers = 2;
    const auto both = Learner::train(data.catalogue, data.known, {}, options);
    const auto scores = both.interaction(data.catalogue, data.wrong);
    CHECK(scores != formula.interaction(data.catalogue, data.wrong));
    CHECK(Learner::train(data.catalogue, data.known, {}, options).hash() == both.hash());

    const cupel::test::TempDir folder;
    const auto read = Learner::load(folder.path(), both.save(folder.path()));
    CHECK(read.options().structure_layers == 2);
    CHECK(read.interaction(data.catalogue, data.wrong) == scores);

    // The gate starts at zero: nothing learned, nothing added.
    options.learning_rate = 0.0;
    const auto start = Learner::train(data.catalogue, data.known, {}, options);
    options.structure_layers = 0;
    CHECK(start.interaction(data.catalogue, data.wrong) ==
          Learner::train(data.catalogue, data.known, {}, options)
              .interaction(data.catalogue, data.wrong));
}

TEST_CASE("atoms without a position are refused", "[learner]") {
    auto data = toy_data();
    CHECK_THROWS_AS(data.catalogue.place_atoms(0, {79, 79}, {{0, 0, 0}}), cupel::Error);
    CHECK_THROWS(data.catalogue.place_atoms(99, {79}, {{0, 0, 0}}));
}

TEST_CASE("nothing of a core comes from its partner", "[learner]") {
    const auto data = toy_data();
    const auto model = trained(data);
    // The same cores with every partner exchanged: what the model reads of a core is byte-equal.
    Catalogue permuted;
    for (std::size_t core = 0; core < data.catalogue.cores().size(); ++core) {
        permuted.add_core(data.catalogue.core_key(core), data.catalogue.cores()[core]);
    }
    for (std::size_t i = data.catalogue.ligands().size(); i-- > 0;) {
        const auto& input = data.catalogue.ligands()[i];
        permuted.add_set(input.graph.smiles, {permuted.add_ligand(input.graph.smiles, input)});
    }
    for (std::size_t core = 0; core < permuted.cores().size(); ++core) {
        CHECK(model.encode_core(permuted.cores()[core]) ==
              model.encode_core(data.catalogue.cores()[core]));
    }
}

TEST_CASE("an observation moves the probability of its pair at once", "[learner]") {
    const auto data = toy_data();
    auto model = trained(data);
    const std::string base = model.hash();
    const Pair pair = data.wrong[5];
    const auto before = model.predict(data.catalogue, {pair})[0];
    model.observe(data.catalogue, {{pair, 1.0, 1.0, false}});
    const auto hit = model.predict(data.catalogue, {pair})[0];
    CHECK(hit.probability > before.probability);
    CHECK(hit.target_probability > before.target_probability);
    CHECK(hit.deviation < before.deviation);
    CHECK(model.hash() != base);
    CHECK(model.encoder_hash() ==
          trained(data).encoder_hash());  // the encoder stands; only the head moved
    model.observe(data.catalogue, {{pair, 0.0, 0.0, false}});
    CHECK(model.predict(data.catalogue, {pair})[0].probability < before.probability);
    model.observe(data.catalogue, {});
    CHECK(model.hash() == base);
    CHECK(model.predict(data.catalogue, {pair})[0].probability == before.probability);
}

TEST_CASE("labels given again or in pieces lead to the same model", "[learner]") {
    const auto data = toy_data();
    auto model = trained(data);
    const std::vector<LabelledPair> two{{data.wrong[0], 0.0, 0.0, false},
                                        {data.wrong[3], 0.8, 0.8, true}};
    model.observe(data.catalogue, two);
    const std::string at_once = model.hash();
    model.observe(data.catalogue, two);
    CHECK(model.hash() == at_once);
    model.observe(data.catalogue, {two[0]});
    model.observe(data.catalogue, two);
    CHECK(model.hash() == at_once);
    CHECK(model.predict(data.catalogue, {data.wrong[3]})[0].probability > 0.0);
}

TEST_CASE("a model read back predicts the same bits", "[learner]") {
    const cupel::test::TempDir folder;
    const auto data = toy_data();
    auto model = trained(data);
    model.observe(data.catalogue, {{data.wrong[1], 1.0, 0.5, false}});
    const std::string name = model.save(folder.path());
    CHECK(name == model.hash());
    const auto read = Learner::load(folder.path(), name);
    CHECK(read.hash() == name);
    const auto a = model.predict(data.catalogue, data.wrong);
    const auto b = read.predict(data.catalogue, data.wrong);
    for (std::size_t i = 0; i < a.size(); ++i) {
        CHECK(a[i].probability == b[i].probability);
        CHECK(a[i].deviation == b[i].deviation);
        CHECK(a[i].popularity == b[i].popularity);
    }
}

TEST_CASE("a model read back runs where its reader says", "[learner]") {
    const cupel::test::TempDir folder;
    const auto data = toy_data();
    auto options = toy_options();
    options.epochs = 3;
    options.threads = 1;
    const auto model = Learner::train(data.catalogue, data.known, {}, options);
    const std::string name = model.save(folder.path());
    LearnerOptions machine;
    machine.threads = 3;
    machine.epochs = 99;  // what the model is stays its own
    const auto read = Learner::load(folder.path(), name, machine);
    CHECK(read.hash() == name);
    CHECK(read.options().threads == 3);
    CHECK(read.options().epochs == 3);
    CHECK(read.retrained(data.catalogue, data.known, {}, 2).options().threads == 3);
    machine.device = "no-such-device";
    CHECK_THROWS_WITH(Learner::load(folder.path(), name, machine),
                      Catch::Contains("no-such-device") && !Catch::Contains(".model"));
}

TEST_CASE("a model whose content does not have its name is refused in one line", "[learner]") {
    const cupel::test::TempDir folder;
    const auto data = toy_data();
    const auto model = trained(data);
    const std::string name = model.save(folder.path());
    SECTION("the encoder's bytes changed") {
        std::fstream out(folder / (model.encoder_hash() + ".blob"),
                         std::ios::in | std::ios::out | std::ios::binary);
        out.seekp(5000);
        out.write("XXXX", 4);
    }
    SECTION("the model names another head") {
        std::ofstream(folder / (name + ".model"))
            << "cupel-model 1\nencoder " << model.encoder_hash() << "\nhead 00\n";
    }
    try {
        Learner::load(folder.path(), name);
        FAIL("a damaged model was read");
    } catch (const cupel::InputError& error) {
        CHECK(error.code() == "bad_model");
        CHECK(std::string(error.what()).find('\n') == std::string::npos);
        CHECK(std::string(error.what()).find("hash") != std::string::npos);
    }
    CHECK_THROWS_AS(Learner::load(folder.path(), "abc"), cupel::InputError);
}

TEST_CASE("a model of another version is told from a damaged one", "[learner]") {
    const cupel::test::TempDir folder;
    const auto data = toy_data();
    const auto model = trained(data);
    model.save(folder.path());
    auto arrays = load_blob(folder.path(), model.encoder_hash());
    std::string& settings = arrays.at("settings").bytes;
    settings.replace(settings.find("version 2"), 9, "version 1");
    const std::string text = "cupel-model 1\nencoder " + save_blob(arrays, folder.path()) +
                             "\nhead " + model.head_hash() + "\n";
    const std::string name = cupel::sha256_hex(text);
    std::ofstream(folder / (name + ".model")) << text;
    try {
        Learner::load(folder.path(), name);
        FAIL("a model of version 1 was read");
    } catch (const cupel::InputError& error) {
        CHECK(error.code() == "old_model");
    }
}

TEST_CASE("a model is removed with the blobs that only it needs", "[learner]") {
    const cupel::test::TempDir folder;
    const auto data = toy_data();
    auto model = trained(data);
    const std::string base = model.save(folder.path());
    model.observe(data.catalogue, {{data.wrong[1], 1.0, 0.5, false}});
    const std::string next = model.save(folder.path());
    // Both share the encoder: it stays as long as one of them does.
    CHECK(Learner::remove(folder.path(), {base, "no-such-model"}) == 2);
    CHECK_THROWS_AS(Learner::load(folder.path(), base), cupel::InputError);
    CHECK(Learner::load(folder.path(), next).hash() == next);
    CHECK(Learner::remove(folder.path(), {next}) == 3);
    CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("what is left out of a warm retraining is no negative in it", "[learner]") {
    const auto data = toy_data();
    const auto model = trained(data);
    const std::vector<Pair> left_out(data.known.begin(), data.known.begin() + 10);
    const auto warm = model.retrained(data.catalogue, data.known, {}, 15, {}, left_out);
    const auto whole = model.retrained(data.catalogue, data.known, {}, 15);
    CHECK(warm.encoder_hash() != whole.encoder_hash());
    auto pairs = left_out;
    std::vector<int> positive(pairs.size(), 1);
    pairs.insert(pairs.end(), data.wrong.begin(), data.wrong.end());
    positive.resize(pairs.size(), 0);
    CHECK(roc_auc(positive, warm.interaction(data.catalogue, pairs)).value() > 0.9);
}

TEST_CASE("beside a kernel member of some rows a model knows those alone by heart", "[learner]") {
    const auto data = toy_data();
    const auto model = trained(data);
    const std::vector<Pair> hidden(data.known.begin(), data.known.begin() + 10);
    const std::vector<Pair> rest(data.known.begin() + 10, data.known.end());
    const auto whole = model.with_kernel_of(data.catalogue, data.known, {});
    CHECK(whole.interaction(data.catalogue, hidden) == model.interaction(data.catalogue, hidden));
    CHECK(whole.encoder_hash() == model.encoder_hash());
    const auto part = model.with_kernel_of(data.catalogue, rest, {});
    CHECK(part.encoder_hash() != model.encoder_hash());
    const auto sum = [&](const Learner& one) {
        const auto fits = one.interaction(data.catalogue, hidden);
        return std::accumulate(fits.begin(), fits.end(), 0.0);
    };
    CHECK(sum(part) < sum(model));
}

TEST_CASE("warm retraining learns the new and keeps the old", "[learner]") {
    const auto data = toy_data();
    auto model = trained(data);
    const Pair surprise = data.wrong[2];
    const std::vector<LabelledPair> labels{{surprise, 1.0, 1.0, false}};
    const double before = model.interaction(data.catalogue, {surprise})[0];
    const auto warm = model.retrained(data.catalogue, data.known, labels, 15);
    CHECK(warm.interaction(data.catalogue, {surprise})[0] > before);
    CHECK(warm.encoder_hash() != model.encoder_hash());
    auto pairs = data.known;
    std::vector<int> positive(pairs.size(), 1);
    for (const auto& pair : data.wrong) {
        if (!(pair == surprise)) {
            pairs.push_back(pair);
            positive.push_back(0);
        }
    }
    CHECK(roc_auc(positive, warm.interaction(data.catalogue, pairs)).value() > 0.9);
}

TEST_CASE("a label that training has seen is not taken in twice", "[learner]") {
    const auto data = toy_data();
    const std::vector<LabelledPair> labels{{data.wrong[2], 1.0, -1.0, false}};
    const auto model = Learner::train(data.catalogue, data.known, labels, toy_options());
    const auto prediction = model.predict(data.catalogue, {data.wrong[2]})[0];
    CHECK(prediction.interaction ==
          Approx(model.interaction(data.catalogue, {data.wrong[2]})[0]).margin(1e-9));
}

TEST_CASE("of two labels of a pair that disagree each is taken in once, in any order",
          "[learner]") {
    const cupel::test::TempDir folder;
    const auto data = toy_data();
    const Pair pair = data.wrong[2];
    const LabelledPair hit{pair, 1.0, -1.0, false}, miss{pair, 0.0, -1.0, false};
    auto options = toy_options();
    options.epochs = 5;
    auto model = Learner::train(data.catalogue, data.known, {hit, miss}, options);
    model = Learner::load(folder.path(), model.save(folder.path()));
    const double trained = model.interaction(data.catalogue, {pair})[0];
    const auto fit = [&](const std::vector<LabelledPair>& labels) {
        model.observe(data.catalogue, labels);
        return model.predict(data.catalogue, {pair})[0].interaction;
    };
    CHECK(fit({hit, miss}) == Approx(trained).margin(1e-9));
    CHECK(fit({miss, hit}) == Approx(trained).margin(1e-9));
    // One more of the same is a label that training has not seen.
    CHECK(fit({hit, miss, miss}) < trained - 1e-3);
    CHECK(fit({hit, hit, miss}) > trained + 1e-3);
}

TEST_CASE("a label taught as provisional is taken in for the other half when it is final",
          "[learner]") {
    const cupel::test::TempDir folder;
    const auto data = toy_data();
    const Pair pair = data.wrong[2];
    const LabelledPair provisional{pair, 1.0, 1.0, true}, final{pair, 1.0, 1.0, false};
    auto options = toy_options();
    options.epochs = 5;
    auto model = Learner::train(data.catalogue, data.known, {provisional}, options);
    model = Learner::load(folder.path(), model.save(folder.path()));
    const auto told = [&](const std::vector<LabelledPair>& labels) {
        model.observe(data.catalogue, labels);
        return model.predict(data.catalogue, {pair})[0];
    };
    const auto taught = told({provisional});
    CHECK(taught.interaction == Approx(model.interaction(data.catalogue, {pair})[0]).margin(1e-9));
    const double tried = model.popularity_counts().core_score(data.catalogue.core_key(pair.core));
    const auto rest = told({final});
    CHECK(rest.interaction > taught.interaction);
    CHECK(model.popularity_counts().core_score(data.catalogue.core_key(pair.core)) > tried);
    CHECK(rest.target_probability > taught.target_probability);
    // Less than a final label that training has not seen.
    const auto more = told({provisional, final});
    CHECK(more.interaction > rest.interaction);
}

TEST_CASE("a model counts the labels it was taught that do not stand any more", "[learner]") {
    const cupel::test::TempDir folder;
    const auto data = toy_data();
    const LabelledPair first{data.wrong[2], 1.0, 1.0, false},
        second{data.wrong[3], 0.0, 0.0, false};
    const LabelledPair provisional{data.wrong[4], 1.0, 1.0, true};
    const LabelledPair target{data.wrong[5], -1.0, 1.0, false};
    auto options = toy_options();
    options.epochs = 5;
    auto model =
        Learner::train(data.catalogue, data.known, {first, second, provisional, target}, options);
    const auto stale = [&](std::vector<LabelledPair> labels) {
        model.observe(data.catalogue, labels);
        return model.stale();
    };
    CHECK(model.stale() == 0);
    CHECK(stale({second, provisional, first}) == 0);
    CHECK(stale({second, provisional}) == 1);
    CHECK(stale({}) == 3);
    auto changed = first;
    changed.pair_label = 0.0;
    CHECK(stale({changed, second, provisional}) == 1);
    auto final = provisional;
    final.provisional = false;
    CHECK(stale({first, second, final}) == 0);
    final.pair_label = 0.0;
    CHECK(stale({first, second, final}) == 1);
    auto doubted = first;
    doubted.provisional = true;  // half of what was taught of it does not stand
    CHECK(stale({doubted, second, provisional}) == 1);
    const auto read = Learner::load(folder.path(), model.save(folder.path()));
    CHECK(read.stale() == 3);
    const auto warm = model.retrained(data.catalogue, data.known, {second}, 5);
    CHECK(warm.stale() == 0);
}

TEST_CASE("an experiment may bring a core and a set that no known cluster has", "[learner]") {
    auto data = toy_data();
    const auto core = data.catalogue.add_core("Ag9", cupel::test::toy_core(47, 9));
    const auto input = cupel::test::toy_ligand(16, 30);
    const auto set =
        data.catalogue.add_set("new", {data.catalogue.add_ligand(input.graph.smiles, input)});
    const Pair pair{core, set};
    const auto probability = [&](double label) {
        return Learner::train(
                   data.catalogue, data.known, {{pair, label, label, false}}, toy_options())
            .predict(data.catalogue, {pair})[0]
            .probability;
    };
    CHECK(probability(1.0) > probability(0.0));
}

TEST_CASE("too few clusters and a device that is not there are clear errors", "[learner]") {
    const auto data = toy_data();
    CHECK_THROWS_WITH(
        Learner::train(
            data.catalogue, {data.known.begin(), data.known.begin() + 3}, {}, toy_options()),
        Catch::Contains("at least 8 known clusters"));
    auto options = toy_options();
    options.device = "no-such-device";
    CHECK_THROWS_AS(Learner::train(data.catalogue, data.known, {}, options), cupel::Error);
}
