// Texts that are nearly right: cut, overwritten, doubled, of other values.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace cupel::test {

class Damage {
  public:
    explicit Damage(std::uint32_t seed) : random_(seed) {}

    std::string of(std::string text) {
        for (std::size_t hits = 1 + below(3); hits > 0; --hits) {
            hit(text);
        }
        return text;
    }
    std::size_t below(std::size_t end) { return random_() % end; }

  private:
    void hit(std::string& text) {
        static const std::vector<std::string> kWords{"null",
                                                     "true",
                                                     "-1",
                                                     "1e999",
                                                     "18446744073709551616",
                                                     "[]",
                                                     "{}",
                                                     "\"\"",
                                                     "\\u0000",
                                                     "\\ud800",
                                                     "\xff\xfe",
                                                     "\n",
                                                     "[[[[[[[[",
                                                     "{\"a\":",
                                                     "0.1",
                                                     "-0",
                                                     "\"\\n\"",
                                                     "9223372036854775808"};
        const std::size_t at = text.empty() ? 0 : below(text.size());
        switch (below(6)) {
            case 0:
                text = text.substr(0, at);
                break;
            case 1:
                if (!text.empty()) {
                    text[at] = static_cast<char>(below(256));
                }
                break;
            case 2:
                text.insert(at, kWords[below(kWords.size())]);
                break;
            case 3:
                text.erase(at, 1 + below(8));
                break;
            case 4:
                text.insert(at, text.substr(below(text.size() + 1), 1 + below(40)));
                break;
            case 5:
                replace_value(text, kWords[below(kWords.size())]);
                break;
        }
    }
    /// Puts `word` in the place of a value: still JSON, of another shape.
    void replace_value(std::string& text, const std::string& word) {
        const std::size_t colon = text.find(": ", text.empty() ? 0 : below(text.size()));
        if (colon != std::string::npos) {
            const std::size_t end = text.find_first_of(",}]", colon + 2);
            text.replace(colon + 2, end == std::string::npos ? end : end - colon - 2, word);
        }
    }
    std::mt19937 random_;
};

}  // namespace cupel::test
