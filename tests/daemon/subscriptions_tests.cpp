// Which topics a subscriber may follow.
#include "bus/subscriptions.hpp"
#include "catch.hpp"

using cupel::controller::may_subscribe;

TEST_CASE("topics of one campaign and of the house are granted, whole prefixes to admins",
          "[bus]") {
    for (const char* topic :
         {"h/", "h/beat", "h/welcome", "c/demo/", "c/demo/CLAIMED", "c/a-b.c_1/"}) {
        CHECK(may_subscribe(topic, false));
    }
    for (const char* topic : {"c/", "c/demo"}) {
        CHECK(may_subscribe(topic, true));
        CHECK_FALSE(may_subscribe(topic, false));
    }
    for (const char* topic :
         {"", "c", "h", "x/", "h/x", "c//", "c/a b/", "c/-x/", "c/demo/x9", "c/demo/CLAIMED/"}) {
        CHECK_FALSE(may_subscribe(topic, true));
    }
    CHECK_FALSE(may_subscribe("c/demo/" + std::string(1000, 'x'), true));
}
