// cupel-learner serve: JSON lines in, JSON lines out, for the daemon that supervises it.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <map>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cupel/codec/candidate_codec.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/workbench/blas_kernel.hpp>
#include <cupel/workbench/campaign_session.hpp>

#include "commands.hpp"
#include "learner_options.hpp"
#include "progress_pace.hpp"

namespace cupel::workbench {
namespace {

using Json = nlohmann::ordered_json;

// A field of a request; a wrong type or a missing one is the request's mistake.
template <typename T>
T field(const Json& request, const char* name) {
    try {
        return request.at(name).get<T>();
    } catch (const nlohmann::json::exception&) {
        throw InputError("bad_message",
                         std::string("field '") + name + "' is missing or of the wrong type");
    }
}

template <typename T>
T field_or(const Json& request, const char* name, T fallback) {
    return request.contains(name) && !request[name].is_null() ? field<T>(request, name)
                                                              : std::move(fallback);
}

void write_line(const Json& line) {
    // Text that is not UTF-8 (from a garbage line) must not end the service.
    const std::string text = line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

std::optional<double> label_field(const Json& label, const char* name) {
    if (!label.contains(name) || label[name].is_null()) {
        return std::nullopt;
    }
    const double value = field<double>(label, name);
    if (!(value >= 0.0 && value <= 1.0)) {
        throw InputError("bad_message", std::string("label '") + name + "': expected 0..1 or null");
    }
    return value;
}

std::optional<learner::Promise> promise_field(const Json& label) {
    if (!label.contains("promise") || label["promise"].is_null()) {
        return std::nullopt;
    }
    const auto promise = field<Json>(label, "promise");
    const learner::Promise result{field<double>(promise, "mean"),
                                  field<double>(promise, "variance")};
    if (!std::isfinite(result.mean) || !(result.variance >= 0.0) ||
        !std::isfinite(result.variance)) {
        throw InputError("bad_message",
                         "label 'promise': expected a finite mean and a variance of 0 or more");
    }
    return result;
}

std::vector<SessionLabel> labels_of(const Json& request) {
    std::vector<SessionLabel> labels;
    for (const auto& json : field_or(request, "labels", Json::array())) {
        SessionLabel label;
        label.candidate = codec::decode_candidate(field<Json>(json, "candidate").dump());
        label.identity_key = field_or(json, "identity_key", identity_key(label.candidate));
        label.learning_key = field_or(json, "learning_key", learning_key(label.candidate));
        label.pair = label_field(json, "pair");
        label.target = label_field(json, "target");
        label.provisional = field_or(json, "provisional", false);
        label.promise = promise_field(json);
        labels.push_back(std::move(label));
    }
    return labels;
}

Json neighbours_json(const std::vector<Neighbour>& nearest) {
    Json result = Json::array();
    for (const auto& n : nearest) {
        result.push_back({{"name", n.name}, {"source", n.source}, {"similarity", n.similarity}});
    }
    return result;
}

/// The campaigns that are open, by name.
class Service {
  public:
    explicit Service(learner::LearnerOptions defaults) : defaults_(std::move(defaults)) {}

    Json answer(const Json& request) {
        const auto verb = field<std::string>(request, "do");
        if (verb == "ping") {
            return Json::object();
        }
        if (verb == "open") {
            return open(request);
        }
        if (verb == "observe") {
            return observe(request);
        }
        if (verb == "train") {
            return train(request);
        }
        if (verb == "suggest") {
            return suggest(request);
        }
        if (verb == "why") {
            return why(request);
        }
        if (verb == "rollback") {
            return roll_back(request);
        }
        if (verb == "forget") {
            return {{"removed",
                     session(request).forget(
                         field_or<std::vector<std::string>>(request, "models", {}))}};
        }
        throw InputError("bad_message",
                         "no verb '" + verb +
                             "'; use ping, open, observe, train, rollback, forget, suggest or why");
    }

  private:
    CampaignSession& session(const Json& request) {
        const auto name = field<std::string>(request, "campaign");
        const auto it = sessions_.find(name);
        if (it == sessions_.end()) {
            throw InputError("no_such_campaign",
                             "campaign '" + name + "' is not open; send \"open\" first");
        }
        return it->second;
    }

    static learner::ProgressCallback progress() {
        auto pace = std::make_shared<ProgressPace>();
        return [pace](double fraction, const std::string& stage) {
            if (pace->is_due(fraction, std::chrono::steady_clock::now())) {
                write_line(
                    {{"progress",
                      {{"stage", stage},
                       {"fraction", fraction},
                       {"text",
                        stage + " " + std::to_string(static_cast<int>(100 * fraction)) + " %"}}}});
            }
        };
    }

    Json open(const Json& request) {
        SessionOptions options;
        options.campaign = field<std::string>(request, "campaign");
        options.pool = field<std::string>(request, "pool");
        options.data = field_or<std::string>(request, "data", "");
        options.models = field<std::string>(request, "models");
        options.policy = field_or<std::string>(request, "policy", "ucb");
        options.model = field_or<std::string>(request, "model", "");
        options.cost_exponent = field_or<double>(request, "cost_exponent", 0.0);
        options.work_cost = field_or<double>(request, "work_cost", 1.0);
        options.stock = field_or<std::string>(request, "stock", "");
        options.avoid_hazards = field_or<std::vector<std::string>>(request, "avoid_hazards", {});
        options.learner = defaults_;
        options.learner.seed = field_or<std::uint64_t>(request, "seed", 1);
        options.learner.device = field_or<std::string>(request, "device", "auto");
        options.learner.epochs = field_or<int>(request, "epochs", defaults_.epochs);
        if (options.learner.epochs < 1) {
            throw InputError("bad_message", "field 'epochs': expected at least 1");
        }
        if (options.data.empty()) {
            throw InputError("no_data",
                             "campaign '" + options.campaign +
                                 "': the model needs a table of known clusters (field 'data')");
        }
        sessions_.erase(options.campaign);
        auto& s =
            sessions_.emplace(options.campaign, CampaignSession(options, progress())).first->second;
        return {{"model", s.model()},
                {"encoder", s.encoder()},
                {"head", s.head()},
                {"data_snapshot", s.data_snapshot()},
                {"candidates", s.candidates()},
                {"kernel", blas_kernel()},
                {"warning", s.warning()},
                {"stale", s.stale()},
                {"data_keys", s.data_keys()}};
    }

    Json observe(const Json& request) {
        CampaignSession& s = session(request);
        const auto start = std::chrono::steady_clock::now();
        s.observe(labels_of(request));
        return {{"model", s.model()},
                {"data_snapshot", s.data_snapshot()},
                {"set_aside", s.set_aside()},
                {"stale", s.stale()},
                {"seconds", seconds_since(start)}};
    }

    Json train(const Json& request) {
        CampaignSession& s = session(request);
        const auto start = std::chrono::steady_clock::now();
        const auto kind = field_or<std::string>(request, "kind", "warm");
        if (kind != "warm" && kind != "full") {
            throw InputError("bad_message", "field 'kind': expected warm or full, got " + kind);
        }
        const auto report = s.train(kind == "full", labels_of(request), progress());
        return {{"model", report.model},
                {"parent", report.parent},
                {"encoder", s.encoder()},
                {"data_snapshot", s.data_snapshot()},
                {"set_aside", s.set_aside()},
                {"candidate", report.candidate},
                {"promoted", report.promoted},
                {"rows", report.rows},
                {"gate", gate_json(report.gate)},
                {"seconds", seconds_since(start)}};
    }

    static Json gate_json(const GateReport& gate) {
        const auto figure = [](std::optional<double> value) {
            return value ? Json(*value) : Json();
        };
        return {{"anchor_auc_before", figure(gate.anchor_auc_before)},
                {"anchor_auc_after", figure(gate.anchor_auc_after)},
                {"probability_auc_fell", figure(gate.probability_auc_fell)},
                {"log_loss_before", gate.log_loss_before},
                {"log_loss_after", gate.log_loss_after},
                {"probability_worse", figure(gate.probability_worse)},
                {"retention_auc_before", figure(gate.retention_auc_before)},
                {"retention_auc_after", figure(gate.retention_auc_after)},
                {"rows", gate.anchor_rows + gate.fresh_rows},
                {"anchor_rows", gate.anchor_rows},
                {"fresh_rows", gate.fresh_rows},
                {"retention_rows", gate.retention_rows},
                {"finite", gate.finite},
                {"text", gate.text}};
    }

    Json roll_back(const Json& request) {
        CampaignSession& s = session(request);
        const auto start = std::chrono::steady_clock::now();
        s.roll_back(field_or<std::string>(request, "model", ""), labels_of(request));
        return {{"model", s.model()},
                {"encoder", s.encoder()},
                {"data_snapshot", s.data_snapshot()},
                {"set_aside", s.set_aside()},
                {"stale", s.stale()},
                {"seconds", seconds_since(start)}};
    }

    Json suggest(const Json& request) {
        CampaignSession& s = session(request);
        const int count = field<int>(request, "count");
        if (count < 0 || count > 1024) {
            throw InputError("bad_message", "field 'count': expected 0..1024");
        }
        const auto picks = s.suggest(static_cast<std::size_t>(count),
                                     field_or<std::uint64_t>(request, "seed", 1),
                                     field_or<std::vector<std::string>>(request, "pending", {}),
                                     field_or<std::vector<std::string>>(request, "excluded", {}));
        Json result = {{"model", s.model()},
                       {"data_snapshot", s.data_snapshot()},
                       {"policy", s.policy()},
                       {"kernel", blas_kernel()},
                       {"picks", Json::array()}};
        for (const auto& pick : picks) {
            result["picks"].push_back({{"key", pick.key},
                                       {"candidate", Json::parse(codec::encode(pick.candidate))},
                                       {"p", pick.p},
                                       {"interaction", pick.interaction},
                                       {"popularity", pick.popularity},
                                       {"uncertainty", pick.uncertainty},
                                       {"score", pick.score},
                                       {"cost", pick.cost},
                                       {"reason", pick.reason},
                                       {"nearest", neighbours_json(pick.nearest)},
                                       {"acquisition_input", pick.acquisition_input}});
        }
        return result;
    }

    Json why(const Json& request) {
        CampaignSession& s = session(request);
        const auto candidate = codec::decode_candidate(field<Json>(request, "candidate").dump());
        std::string input;
        if (request.contains("acquisition_input") && !request["acquisition_input"].is_null()) {
            const auto& given = request["acquisition_input"];
            input = given.is_string() ? given.get<std::string>() : given.dump();
        }
        const auto e = s.why(candidate, input);
        return {{"model", e.model},
                {"p", e.p},
                {"interaction", e.interaction},
                {"popularity", e.popularity},
                {"uncertainty", {{"logit_deviation", e.uncertainty}}},
                {"nearest", neighbours_json(e.nearest)},
                {"nearest_cores", neighbours_json(e.nearest_cores)},
                {"nearest_ligands", neighbours_json(e.nearest_ligands)},
                {"attributions", attributions_json(e)},
                {"counterfactual", counterfactual_json(e)},
                {"kernel", e.kernel},
                {"exact", e.exact},
                {"text", e.text}};
    }

    static Json attributions_json(const Explanation& e) {
        Json ligands = Json::array();
        for (const auto& ligand : e.ligands) {
            ligands.push_back({{"smiles", ligand.smiles}, {"atoms", ligand.atoms}});
        }
        Json core = Json::array();
        for (const auto& part : e.core) {
            core.push_back({{"part", part.part}, {"weight", part.weight}});
        }
        return {{"ligands", ligands}, {"core", core}};
    }

    static Json counterfactual_json(const Explanation& e) {
        if (!e.counterfactual) {
            return nullptr;
        }
        return {{"swap", e.counterfactual->swap},
                {"p", e.counterfactual->p},
                {"distance", e.counterfactual->distance},
                {"crosses", e.counterfactual->crosses}};
    }

    static double seconds_since(std::chrono::steady_clock::time_point start) {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }

    learner::LearnerOptions defaults_;
    std::map<std::string, CampaignSession> sessions_;
};

Json error_json(const std::string& code, const std::string& text) {
    return {{"code", code}, {"text", text}};
}

void serve(const learner::LearnerOptions& defaults) {
    std::fprintf(stderr, "cupel-learner: serving, %s\n", blas_kernel().c_str());
    Service service(defaults);
    std::string line;
    while (std::getline(std::cin, line)) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) {
            continue;
        }
        Json reply;
        reply["id"] = nullptr;
        try {
            const Json request = Json::parse(line);
            if (!request.is_object()) {
                throw InputError("bad_message", "a request is one JSON object per line");
            }
            reply["id"] = request.value("id", Json());
            reply["ok"] = service.answer(request);
        } catch (const nlohmann::json::exception& error) {
            reply["error"] = error_json("bad_message", error.what());
        } catch (const InputError& error) {
            reply["error"] = error_json(error.code(), error.what());
        } catch (const std::exception& error) {
            reply["error"] = error_json("failed", error.what());
        }
        write_line(reply);
    }
}

}  // namespace

void add_serve(CLI::App& app) {
    auto* command = app.add_subcommand("serve", "Answer JSON lines on standard input");
    auto options = std::make_shared<learner::LearnerOptions>();
    add_learner_options(*command, *options);
    command->footer("Example: echo '{\"id\":1,\"do\":\"ping\"}' | cupel-learner serve");
    command->callback([options] { serve(*options); });
}

}  // namespace cupel::workbench
