// Inline SVG figures for the report: coloured by the page's style sheet, in light and dark.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace cupel::simulator {

/// One line, with a band around it when `band` is not empty.
struct Curve {
    std::string label;
    std::string css_class;  ///< "accent", "grey", ...: see the style sheet of report.cpp
    std::vector<double> x, y;
    std::vector<double> band;  ///< half-width at each point
};

/// Lines over a common x axis, each labelled at its right end.
std::string line_figure(const std::vector<Curve>& curves,
                        const std::string& x_title,
                        const std::string& y_title);

struct Layer {
    std::string label;
    std::string css_class;
    std::vector<double> y;  ///< one per x
};
/// Layers on top of each other, with a legend below.
std::string stacked_figure(const std::vector<double>& x,
                           const std::vector<Layer>& layers,
                           const std::string& x_title,
                           const std::string& y_title);

struct ReliabilityBin {
    double predicted = 0.0;
    double observed = 0.0;
    double se = 0.0;
    int count = 0;
};
/// Observed share against predicted probability, with the diagonal.
std::string reliability_figure(const std::vector<ReliabilityBin>& bins);

/// Text made safe for HTML.
std::string escaped(const std::string& text);

}  // namespace cupel::simulator
