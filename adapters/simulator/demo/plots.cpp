// A plotting area with round ticks, and three kinds of figure on it.
#include "plots.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace cupel::simulator {
namespace {

constexpr double kWidth = 720.0;
constexpr double kLeft = 54.0;
constexpr double kTop = 14.0;
constexpr double kBottom = 46.0;

std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", value);
    return text;
}

/// "0.25" or "40".
std::string tick_text(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", value);
    return text;
}

/// 1, 2 or 5 times a power of ten, about `count` of them up to `top`.
double tick_step(double top, int count) {
    const double raw = std::max(top, 1e-9) / count;
    const double power = std::pow(10.0, std::floor(std::log10(raw)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (raw <= factor * power) {
            return factor * power;
        }
    }
    return 10.0 * power;
}

class Axes {
  public:
    Axes(double x_max, double y_max, double height, double right)
        : x_max_(std::max(x_max, 1e-9)),
          y_max_(std::max(y_max, 1e-9)),
          height_(height),
          right_(right) {}

    double x(double value) const { return kLeft + value / x_max_ * (kWidth - kLeft - right_); }
    double y(double value) const {
        return height_ - kBottom - value / y_max_ * (height_ - kBottom - kTop);
    }

    std::string open(const std::string& x_title, const std::string& y_title) const {
        std::string svg = "<svg viewBox=\"0 0 " + number(kWidth) + " " + number(height_) +
                          "\" role=\"img\" aria-label=\"" +
                          escaped(y_title + " against " + x_title) + "\">\n";
        const double x_step = tick_step(x_max_, 8);
        const double y_step = tick_step(y_max_, 5);
        for (double v = 0.0; v <= y_max_ * 1.0001; v += y_step) {
            svg += "<line class=\"grid\" x1=\"" + number(kLeft) + "\" x2=\"" + number(x(x_max_)) +
                   "\" y1=\"" + number(y(v)) + "\" y2=\"" + number(y(v)) + "\"/>";
            svg += "<text class=\"tick\" text-anchor=\"end\" x=\"" + number(kLeft - 8) + "\" y=\"" +
                   number(y(v) + 4) + "\">" + tick_text(v) + "</text>\n";
        }
        for (double v = 0.0; v <= x_max_ * 1.0001; v += x_step) {
            svg += "<text class=\"tick\" text-anchor=\"middle\" x=\"" + number(x(v)) + "\" y=\"" +
                   number(height_ - kBottom + 18) + "\">" + tick_text(v) + "</text>\n";
        }
        svg += "<text class=\"axis\" text-anchor=\"end\" x=\"" + number(x(x_max_)) + "\" y=\"" +
               number(height_ - 8) + "\">" + escaped(x_title) + "</text>\n";
        svg += "<text class=\"axis\" transform=\"translate(14 " + number(kTop) +
               ") rotate(-90)\" text-anchor=\"end\">" + escaped(y_title) + "</text>\n";
        return svg;
    }

  private:
    double x_max_, y_max_, height_, right_;
};

std::string path_of(const Axes& axes, const std::vector<double>& x, const std::vector<double>& y) {
    std::string path;
    for (std::size_t i = 0; i < x.size() && i < y.size(); ++i) {
        path += (path.empty() ? "M" : "L") + number(axes.x(x[i])) + " " + number(axes.y(y[i]));
    }
    return path;
}

/// The area between two lines over one x.
std::string area_of(const Axes& axes,
                    const std::vector<double>& x,
                    const std::vector<double>& low,
                    const std::vector<double>& high) {
    std::string path = path_of(axes, x, high);
    for (std::size_t i = x.size(); i-- > 0;) {
        path += "L" + number(axes.x(x[i])) + " " + number(axes.y(low[i]));
    }
    return path.empty() ? path : path + "Z";
}

double largest(const std::vector<double>& values) {
    return values.empty() ? 0.0 : *std::max_element(values.begin(), values.end());
}

/// Places for labels near `wanted` that keep 16 units apart; same order as given.
std::vector<double> spread(std::vector<double> wanted) {
    std::vector<std::size_t> order(wanted.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        order[i] = i;
    }
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return wanted[a] > wanted[b];
    });
    for (std::size_t i = 1; i < order.size(); ++i) {
        wanted[order[i]] = std::min(wanted[order[i]], wanted[order[i - 1]] - 16.0);
    }
    return wanted;
}

}  // namespace

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string line_figure(const std::vector<Curve>& curves,
                        const std::string& x_title,
                        const std::string& y_title) {
    double x_max = 0.0;
    double y_max = 1.0;
    for (const auto& curve : curves) {
        x_max = std::max(x_max, largest(curve.x));
        y_max = std::max(y_max, largest(curve.y) + largest(curve.band));
    }
    constexpr double kHeight = 380.0;
    const Axes axes(x_max, y_max * 1.05, kHeight, 150.0);
    std::string svg = axes.open(x_title, y_title);
    for (const auto& curve : curves) {
        if (!curve.band.empty()) {
            std::vector<double> low, high;
            for (std::size_t i = 0; i < curve.y.size(); ++i) {
                low.push_back(std::max(0.0, curve.y[i] - curve.band[i]));
                high.push_back(curve.y[i] + curve.band[i]);
            }
            svg += "<path class=\"band " + curve.css_class + "\" d=\"" +
                   area_of(axes, curve.x, low, high) + "\"/>\n";
        }
    }
    std::vector<double> ends;
    for (const auto& curve : curves) {
        svg += "<path class=\"line " + curve.css_class + "\" d=\"" +
               path_of(axes, curve.x, curve.y) + "\"/>\n";
        ends.push_back(curve.y.empty() ? kHeight : axes.y(curve.y.back()));
    }
    const auto places = spread(ends);
    for (std::size_t i = 0; i < curves.size(); ++i) {
        if (!curves[i].y.empty()) {
            svg += "<text class=\"label " + curves[i].css_class + "\" x=\"" +
                   number(axes.x(curves[i].x.back()) + 8) + "\" y=\"" + number(places[i] + 4) +
                   "\">" + escaped(curves[i].label) + "</text>\n";
        }
    }
    return svg + "</svg>\n";
}

std::string stacked_figure(const std::vector<double>& x,
                           const std::vector<Layer>& layers,
                           const std::string& x_title,
                           const std::string& y_title) {
    std::vector<double> top(x.size(), 0.0);
    for (const auto& layer : layers) {
        for (std::size_t i = 0; i < x.size(); ++i) {
            top[i] += layer.y[i];
        }
    }
    const Axes axes(largest(x), largest(top), 260.0, 12.0);
    std::string svg = axes.open(x_title, y_title);
    std::vector<double> low(x.size(), 0.0);
    std::string legend = "<p class=\"legend\">";
    for (const auto& layer : layers) {
        std::vector<double> high = low;
        for (std::size_t i = 0; i < x.size(); ++i) {
            high[i] += layer.y[i];
        }
        svg += "<path class=\"layer " + layer.css_class + "\" d=\"" + area_of(axes, x, low, high) +
               "\"/>\n";
        low = std::move(high);
        legend +=
            "<span><i class=\"" + layer.css_class + "\"></i>" + escaped(layer.label) + "</span>";
    }
    return svg + "</svg>\n" + legend + "</p>\n";
}

std::string reliability_figure(const std::vector<ReliabilityBin>& bins) {
    double top = 0.1;
    for (const auto& bin : bins) {
        top = std::max({top, bin.predicted, std::min(1.0, bin.observed + bin.se)});
    }
    const Axes axes(std::min(1.0, top * 1.1), std::min(1.0, top * 1.1), 300.0, 250.0);
    const double end = std::min(1.0, top * 1.1);
    std::string svg = axes.open("predicted probability", "share that formed");
    svg += "<path class=\"line faint\" d=\"" + path_of(axes, {0.0, end}, {0.0, end}) + "\"/>\n";
    for (const auto& bin : bins) {
        const double low = std::max(0.0, bin.observed - bin.se);
        const double high = std::min(end, bin.observed + bin.se);
        svg += "<path class=\"line accent thin\" d=\"" +
               path_of(axes, {bin.predicted, bin.predicted}, {low, high}) + "\"/>";
        svg += "<circle class=\"dot accent\" cx=\"" + number(axes.x(bin.predicted)) + "\" cy=\"" +
               number(axes.y(bin.observed)) + "\" r=\"" +
               number(3.0 + std::sqrt(static_cast<double>(bin.count))) + "\"/>\n";
    }
    return svg + "</svg>\n";
}

}  // namespace cupel::simulator
