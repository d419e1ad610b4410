// Text, JSON and SVG of a replay.
#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <optional>

#include <nlohmann/json.hpp>

#include <cupel/workbench/replay_report.hpp>

namespace cupel::workbench {
namespace {

using acquisition::PolicyResult;
using acquisition::ReplayResult;

__attribute__((format(printf, 1, 2))) std::string print(const char* format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return text;
}

// Times and rates to so many digits that a reader can compare them.
double rounded(double value, double per_unit) {
    return std::round(value * per_unit) / per_unit;
}

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
    }
    return out;
}

const char* colour_of(const std::string& policy) {
    if (policy == "random") {
        return "#9a9a9a";
    }
    if (policy == "popularity") {
        return "#c98a00";
    }
    if (policy == "greedy") {
        return "#7a5195";
    }
    if (policy == "poh") {
        return "#2f7d4f";
    }
    if (policy == "ucb") {
        return "#1f6fb4";
    }
    return policy == "ei" ? "#b0457b" : "#c0392b";
}

// A round step that cuts `range` into four to eight parts.
double tick_step(double range) {
    double step = std::pow(10.0, std::floor(std::log10(std::max(range, 1e-9))));
    while (range / step < 4.0) {
        step /= 2.0;
    }
    return std::max(step, 1.0);
}

/// The frame of the picture and the way from figures to points.
struct Frame {
    double left = 60, right = 620, top = 50, bottom = 380;
    double across = 1, up = 1;  // largest figures

    double x(double value) const { return left + (right - left) * value / across; }
    double y(double value) const { return bottom - (bottom - top) * value / up; }
};

std::string axes(const Frame& frame) {
    std::string svg;
    for (double v = 0; v <= frame.up + 1e-9; v += tick_step(frame.up)) {
        svg += print("<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' stroke='#e3e3e3'/>\n",
                     frame.left,
                     frame.y(v),
                     frame.right,
                     frame.y(v));
        svg += print("<text x='%.1f' y='%.1f' text-anchor='end'>%g</text>\n",
                     frame.left - 8,
                     frame.y(v) + 4,
                     v);
    }
    for (double v = 0; v <= frame.across + 1e-9; v += tick_step(frame.across)) {
        svg += print("<text x='%.1f' y='%.1f' text-anchor='middle'>%g</text>\n",
                     frame.x(v),
                     frame.bottom + 18,
                     v);
    }
    svg += print("<path d='M%.1f %.1fV%.1fH%.1f' fill='none' stroke='#333'/>\n",
                 frame.left,
                 frame.top,
                 frame.bottom,
                 frame.right);
    svg += print("<text x='%.1f' y='%.1f' text-anchor='middle'>experiments</text>\n",
                 (frame.left + frame.right) / 2,
                 frame.bottom + 40);
    svg += print(
        "<text transform='translate(18 %.1f) rotate(-90)' text-anchor='middle'>hits found</text>\n",
        (frame.top + frame.bottom) / 2);
    return svg;
}

std::string line_of(const Frame& frame, const PolicyResult& policy) {
    std::string path = print("M%.1f %.1f", frame.x(0), frame.y(0));
    for (std::size_t i = 0; i < policy.curve.size(); ++i) {
        path += print("L%.1f %.1f", frame.x(static_cast<double>(i + 1)), frame.y(policy.curve[i]));
    }
    return "<path d='" + path + "' fill='none' stroke-width='2' stroke='" +
           colour_of(policy.policy) + "'/>\n";
}

}  // namespace

std::string replay_text(const ReplayResult& result) {
    const auto& options = result.options;
    std::string text = print(
        "%s: %zu experiments, %zu hits; batch %zu, budget %zu, seeds %llu..%llu, %s feedback\n",
        result.table.c_str(),
        result.rows,
        result.hits_in_pool,
        options.batch,
        options.budget,
        static_cast<unsigned long long>(options.first_seed),
        static_cast<unsigned long long>(options.first_seed + options.seeds - 1),
        options.graded ? "graded" : "binary");
    if (!result.columns.empty()) {
        text += result.columns + "\n";
    }
    text += print("%-11s", "policy");
    for (const std::size_t at : acquisition::checkpoints_of(options.budget)) {
        text += print("  hits@%-9zu", at);
    }
    text += "  x random  x popularity   AUDC    ECE  Brier skill  s/seed\n";
    for (const auto& policy : result.policies) {
        text += print("%-11s", policy.policy.c_str());
        for (const auto& [at, hits] : policy.hits) {
            text += print("  %6.1f +- %-4.1f", hits, policy.se.at(at));
        }
        text += print("  %8.1f  %12.2f  %5.3f  %5s  %11s  %6.2f\n",
                      policy.enrichment,
                      policy.lift_over_popularity,
                      policy.audc,
                      policy.ece ? print("%.3f", *policy.ece).c_str() : "-",
                      policy.brier_skill ? print("%.2f", *policy.brier_skill).c_str() : "-",
                      policy.seconds_per_seed);
    }
    return text;
}

std::string replay_json(const ReplayResult& result) {
    nlohmann::ordered_json json;
    json["table"] = result.table;
    if (!result.columns.empty()) {
        json["columns"] = result.columns;
    }
    json["rows"] = result.rows;
    json["hits_in_pool"] = result.hits_in_pool;
    json["batch"] = result.options.batch;
    json["budget"] = result.options.budget;
    json["seeds"] = result.options.seeds;
    json["first_seed"] = result.options.first_seed;
    json["feedback"] = result.options.graded ? "graded" : "binary";
    json["policies"] = nlohmann::ordered_json::array();
    for (const auto& policy : result.policies) {
        nlohmann::ordered_json one;
        one["policy"] = policy.policy;
        for (const auto& [at, hits] : policy.hits) {
            one["hits"][std::to_string(at)] = rounded(hits, 1e4);
        }
        for (const auto& [at, se] : policy.se) {
            one["se"][std::to_string(at)] = rounded(se, 1e4);
        }
        one["enrichment"] = rounded(policy.enrichment, 1e4);
        one["lift_over_popularity"] = rounded(policy.lift_over_popularity, 1e4);
        one["lift_se"] = rounded(policy.lift_se, 1e4);
        one["audc"] = rounded(policy.audc, 1e5);
        const auto left = [](std::optional<double> figure) {
            return figure ? nlohmann::ordered_json(rounded(*figure, 1e5))
                          : nlohmann::ordered_json();
        };
        one["ece"] = left(policy.ece);
        one["brier_skill"] = left(policy.brier_skill);
        one["seconds_per_seed"] = rounded(policy.seconds_per_seed, 1e3);
        json["policies"].push_back(one);
    }
    // A file's name need not be text.
    return json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string replay_svg(const ReplayResult& result) {
    Frame frame;
    frame.across = static_cast<double>(result.options.budget);
    frame.up = 1;
    for (const auto& policy : result.policies) {
        frame.up = std::max(frame.up, 1.05 * policy.curve.back());
    }
    std::string svg =
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 780 440' font-family='sans-serif' "
        "font-size='13' fill='#333'>\n<rect width='780' height='440' fill='white'/>\n";
    svg += "<text x='60' y='28' font-size='16'>" + escaped(result.table) +
           print(": mean hits of %zu loops, batch %zu, %s feedback</text>\n",
                 result.options.seeds,
                 result.options.batch,
                 result.options.graded ? "graded" : "binary");
    svg += axes(frame);
    // Names stand at the ends of their lines, pushed apart where those meet.
    std::vector<const PolicyResult*> order;
    for (const auto& policy : result.policies) {
        svg += line_of(frame, policy);
        order.push_back(&policy);
    }
    std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
        return a->curve.back() > b->curve.back();
    });
    double lowest = frame.top - 16;
    for (const auto* policy : order) {
        lowest = std::max(lowest + 16, frame.y(policy->curve.back()) + 4);
        svg += print("<text x='%.1f' y='%.1f' fill='%s'>%s %.1f</text>\n",
                     frame.right + 8,
                     lowest,
                     colour_of(policy->policy),
                     policy->policy.c_str(),
                     policy->curve.back());
    }
    return svg + "</svg>";
}

}  // namespace cupel::workbench
