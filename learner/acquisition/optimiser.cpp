// BFGS on the inverse Hessian: the problems have ten to thirty parameters.
#include "optimiser.hpp"

#include <cmath>

namespace cupel::acquisition {

Eigen::VectorXd minimise(const Objective& objective, Eigen::VectorXd start, int evaluations) {
    constexpr double kLongestStep = 1.5;  // in logarithms: a factor of 4.5
    const Eigen::Index n = start.size();
    Eigen::VectorXd x = std::move(start), gradient(n);
    double value = objective(x, gradient);
    --evaluations;
    Eigen::MatrixXd inverse = Eigen::MatrixXd::Identity(n, n);
    bool scaled = false;
    while (evaluations > 0 && std::isfinite(value) && gradient.cwiseAbs().maxCoeff() > 1e-3) {
        Eigen::VectorXd step = -inverse * gradient;
        if (step.dot(gradient) > -1e-12) {
            inverse.setIdentity();
            step = -gradient;
        }
        const double longest = step.cwiseAbs().maxCoeff();
        if (longest > kLongestStep) {
            step *= kLongestStep / longest;
        }
        double along = 1.0;
        Eigen::VectorXd next(n), next_gradient(n);
        double next_value = 0.0;
        bool better = false;
        for (; evaluations > 0 && along > 1e-4; along *= 0.35) {
            next = x + along * step;
            next_value = objective(next, next_gradient);
            --evaluations;
            if (std::isfinite(next_value) && next_gradient.allFinite() &&
                next_value <= value + 1e-4 * along * step.dot(gradient)) {
                better = true;
                break;
            }
        }
        if (!better) {
            break;
        }
        const Eigen::VectorXd s = next - x, y = next_gradient - gradient;
        const double curvature = s.dot(y);
        if (curvature > 1e-10) {
            if (!scaled) {
                inverse *= curvature / y.squaredNorm();
                scaled = true;
            }
            const Eigen::VectorXd hy = inverse * y;
            inverse += (1.0 + y.dot(hy) / curvature) / curvature * s * s.transpose() -
                       (hy * s.transpose() + s * hy.transpose()) / curvature;
        }
        const double gained = value - next_value;
        x = next;
        gradient = next_gradient;
        value = next_value;
        if (gained < 1e-5 * (1.0 + std::abs(value))) {
            break;
        }
    }
    return x;
}

}  // namespace cupel::acquisition
