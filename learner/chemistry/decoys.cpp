// Shuffles partners, round by round.
#include <numeric>

#include <cupel/chemistry/decoys.hpp>
#include <cupel/chemistry/pool.hpp>

#include "portable_random.hpp"

namespace cupel::chemistry {

std::vector<Candidate> degree_matched_decoys(const std::vector<Candidate>& truth,
                                             int per_pair,
                                             std::uint64_t seed,
                                             const std::set<std::string>& reported) {
    std::set<std::string> taken = reported;
    for (const auto& pair : truth) {
        taken.insert(learning_key(pair));
    }
    PortableRandom random(seed);
    std::vector<std::size_t> partner(truth.size());
    std::iota(partner.begin(), partner.end(), std::size_t{0});
    std::vector<Candidate> decoys;
    for (int round = 0; round < per_pair; ++round) {
        random.shuffle(partner);
        for (std::size_t i = 0; i < truth.size(); ++i) {
            // Where the shuffled partner is known or taken, the next ones in turn.
            for (std::size_t k = 0; k < truth.size(); ++k) {
                const Candidate& other = truth[partner[(i + k) % truth.size()]];
                Candidate decoy;
                decoy.core = truth[i].core;
                decoy.ligands = normalised(scaled_ligands(
                    other.ligands, other.core.nuclearity(), decoy.core.nuclearity()));
                if (taken.insert(learning_key(decoy)).second) {
                    decoys.push_back(std::move(decoy));
                    break;
                }
            }
        }
    }
    return decoys;
}

}  // namespace cupel::chemistry
