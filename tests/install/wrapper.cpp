// The C++ classes as a C++ program meets them. Speaks to a sandbox whose address is in
// VERIFYSMS_URL. Compiles from C++11 on.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>
#include <verifysms.hpp>

static int passed = 0;
static int failed = 0;

static void check(bool holds, const char *what, int line)
{
    ++(holds ? passed : failed);
    if (!holds) {
        std::printf("line %d: %s\n", line, what);
    }
}

#define CHECK(what) check(what, #what, __LINE__)

static const char *const NUMBER = "0541234567";

static bool begins(const char *text, const char *with)
{
    return std::strncmp(text, with, std::strlen(with)) == 0;
}

static verifysms::config guarded_settings()
{
    verifysms::config config("sandbox-key");
    config.sender("Acme").url(std::getenv("VERIFYSMS_URL"));
    return config;
}

// Of clients that send to a number again at once.
static verifysms::config settings()
{
    verifysms::config config = guarded_settings();
    config.limit(verifysms::limit::cooldown, 0);
    return config;
}

static void handles_are_all_there_is()
{
    static_assert(sizeof(verifysms::config) == sizeof(void *), "");
    static_assert(sizeof(verifysms::client) == sizeof(void *), "");
    static_assert(sizeof(verifysms::check_result) == sizeof(void *), "");
    static_assert(sizeof(verifysms::request) == sizeof(void *), "");
    static_assert(std::is_nothrow_move_constructible<verifysms::request>::value, "");
    static_assert(!std::is_copy_constructible<verifysms::request>::value, "");
    static_assert(!std::is_convertible<const char *, verifysms::request>::value, "");
    static_assert(!std::is_constructible<bool, verifysms::guard_result>::value, "");
    static_assert(std::is_nothrow_move_constructible<verifysms::client>::value, "");
    static_assert(std::is_nothrow_move_assignable<verifysms::send_result>::value, "");
    static_assert(!std::is_copy_constructible<verifysms::config>::value, "");
    static_assert(!std::is_copy_constructible<verifysms::check_result>::value, "");
    static_assert(!std::is_convertible<verifysms::check_result, bool>::value, "");
    static_assert(!std::is_constructible<bool, verifysms::send_result>::value, "");
    CHECK(std::strcmp(verifysms::version(), VERIFYSMS_VERSION) == 0);
    CHECK(std::strcmp(verifysms::code_name(verifysms::code::not_verified), "NOT_VERIFIED") == 0);
    CHECK(std::strcmp(verifysms::limit_name(verifysms::limit::tries), "TRIES") == 0);
    CHECK(*verifysms::limit_name(verifysms::limit::none) == '\0');
    CHECK(std::strcmp(verifysms::rule_name(verifysms::rule::phone_empty), "PHONE_EMPTY") == 0);
}

static void a_number_is_read_without_a_client()
{
    const verifysms::phone phone("+972 (0)54-123-4567");
    CHECK(static_cast<bool>(phone) && phone.rule() == verifysms::rule::none);
    CHECK(std::strcmp(phone.to(), NUMBER) == 0);
    CHECK(std::strcmp(phone.e164(), "+972541234567") == 0);
    CHECK(phone.kind() == verifysms::phone_kind::mobile);
    const verifysms::phone foreign("+1 212 555 1234");
    CHECK(!foreign && foreign.rule() == verifysms::rule::phone_foreign);
    CHECK(*foreign.to() == '\0' && *foreign.e164() == '\0');
    CHECK(foreign.kind() == verifysms::phone_kind::unknown);
}

static void the_person_gets_a_sentence()
{
    const verifysms::client client(settings());
    const verifysms::send_result refused = client.send("050-12");
    CHECK(std::strcmp(refused.user_text("en"), "The phone number has too few digits.") == 0);
    CHECK(begins(refused.user_text("he"), "\xd7\x91") && refused.user_text("he") == refused.user_text("he"));
    CHECK(verifysms::wait_text(std::chrono::seconds(25), nullptr) == "You can ask for a new code in 25 seconds.");
}

static void a_delivery_verifies_nobody()
{
    verifysms::config config = settings();
    config.delivery_url(nullptr);
    const verifysms::client client(config);
    const verifysms::send_result sent = client.send(NUMBER);
    const verifysms::delivery_result pending = client.delivery(sent.unique());
    CHECK(pending.code() == verifysms::code::ok && pending.state() == verifysms::delivery_state::pending);
    CHECK(pending.next() == verifysms::next_step::wait);
    CHECK(pending.delivery_code() == VERIFYSMS_DELIVERY_CODE_NONE && *pending.english() == '\0');
    static_assert(!std::is_constructible<bool, verifysms::delivery_result>::value, "");
}

static void a_message_is_inspected_without_a_client()
{
    const verifysms::message plain("Your code: ##code##");
    CHECK(plain && plain.encoding() == verifysms::encoding::gsm7 && plain.warning_count() == 0);
    CHECK(plain.length() == 19 && plain.length(6) == 17 && plain.parts() == 1);
    const verifysms::message hebrew("\xd7\xa7\xd7\x95\xd7\x93: ##code##", nullptr, "example.co.il");
    CHECK(hebrew.encoding() == verifysms::encoding::ucs2 && hebrew.warning_count() == 2);
    CHECK(hebrew.warning(0) == verifysms::warning::code_in_right_to_left_line);
    CHECK(hebrew.warning_position(0) == 5 && hebrew.warning_position(1) == -1);
    CHECK(begins(hebrew.warning_text(1), "no browser"));
    CHECK(hebrew.warning(2) == verifysms::warning::none && *hebrew.warning_text(2) == '\0');
    CHECK(!verifysms::message(nullptr));
}

static void what_was_moved_from_verifies_nobody()
{
    verifysms::client client(settings());
    verifysms::client other(std::move(client));
    CHECK(static_cast<bool>(other));
    CHECK(!client);
    verifysms::check_result refused = client.check(NUMBER, "123456");
    CHECK(!refused);
    CHECK(refused.code() == verifysms::code::invalid_argument);
    verifysms::check_result taken(std::move(refused));
    CHECK(!refused && refused.code() == verifysms::code::internal);
    CHECK(refused.reached() == verifysms::reached::unknown);
    CHECK(taken.code() == verifysms::code::invalid_argument);
    client.cancel();
    client = std::move(other);
    CHECK(static_cast<bool>(client));
}

static void strings_are_taken_whole()
{
    verifysms::client client(settings());
    const std::string number = NUMBER;
    CHECK(client.send(number).accepted());
    verifysms::send_result cut = client.send(number + std::string(1, '\0') + "9");
    CHECK(cut.code() == verifysms::code::invalid_argument);
    CHECK(begins(cut.message(), "to: "));
    CHECK(begins(settings().sender(std::string("Ac\0me", 5)).error(), "sender: "));
    CHECK(client.send_with(NUMBER, nullptr, nullptr).accepted());
#if __cplusplus >= 201703L
    const std::string_view list = "0541234567,0521234567";
    CHECK(client.send(list.substr(0, 10)).accepted());
    CHECK(client.send(list).code() == verifysms::code::invalid_argument);
    CHECK(client.send(std::string_view()).code() == verifysms::code::invalid_argument);
    CHECK(client.send(std::string_view("0541234567\0", 11)).code() == verifysms::code::invalid_argument);
#endif
#if defined(__cpp_char8_t)
    CHECK(client.send_with(NUMBER, nullptr, u8"הקוד: ##code##").accepted());
#endif
}

static void the_first_refusal_is_told()
{
    verifysms::config config("key");
    CHECK(std::strcmp(config.error(), "") == 0);
    config.timeout(std::chrono::hours(25)).sender("far too long a sender");
    CHECK(begins(config.error(), "timeout"));
    CHECK(!verifysms::client(config));
    CHECK(begins(verifysms::config("key").timeout(std::chrono::milliseconds(-1)).error(), "timeout"));
    CHECK(begins(verifysms::config("key").timeout(std::chrono::hours::max() / 3600000).error(), "timeout"));
    CHECK(begins(verifysms::config(nullptr).error(), "api_key"));
    CHECK(begins(verifysms::config("key").proxy("socks4://host").error(), "proxy"));
    CHECK(begins(verifysms::config("key").ca_file("").error(), "ca_file"));
    CHECK(begins(verifysms::config("key").message("no place").error(), "message"));
    CHECK(begins(verifysms::config("key").connect_timeout(std::chrono::seconds(0)).error(), "connect"));
    CHECK(begins(verifysms::config("key").guard("file:guard").error(), "guard: "));
    CHECK(begins(verifysms::config("key").guard_secret("short").error(), "guard_secret: "));
    CHECK(begins(verifysms::config("key").guard_namespace("").error(), "guard_namespace: "));
    CHECK(begins(verifysms::config("key").guard_timeout(std::chrono::hours(1)).error(), "guard_timeout: "));
    const verifysms::limit tries = verifysms::limit::tries;
    CHECK(begins(verifysms::config("key").limit(tries, 5).error(), "limits: "));
    CHECK(begins(verifysms::config("key").limit(tries, 5, std::chrono::hours(1000000)).error(), "limits: "));
    CHECK(begins(verifysms::config("key").limit(verifysms::limit::none, 5).error(), "limits: "));
    verifysms::config fine("key");
    fine.trust(verifysms::trust::bundled).allow_http(true).url("http://192.0.2.1/");
    CHECK(static_cast<bool>(verifysms::client(fine)));
    fine.allow_http(false);
    CHECK(!verifysms::client(fine));
}

static void functions_are_called()
{
    int records = 0;
    auto log = [&records](verifysms::log_level level, const char *message) noexcept {
        records += level == verifysms::log_level::info && std::strlen(message) > 0 ? 1 : 0;
    };
    bool asked = false;
    const auto stop = [&asked]() noexcept { return asked = true; };
    verifysms::config config = settings();
    config.log(log);
    verifysms::client client(config);
    CHECK(client.send(NUMBER).accepted());
    CHECK(records == 1);
    verifysms::call_end last = {};
    auto note = [&last](const verifysms::call_end &end) noexcept { last = end; };
    config.event(note);
    verifysms::client counted(config);
    CHECK(counted.connect().connected());
    CHECK(last.event == verifysms::event::other && !last.reused);
    CHECK(counted.send(NUMBER).accepted());
    CHECK(last.event == verifysms::event::sent && last.code == verifysms::code::ok);
    CHECK(last.reached == verifysms::reached::yes && last.limit == verifysms::limit::none);
    CHECK(last.attempt == 1 && last.reused && last.elapsed < std::chrono::minutes(1));
    CHECK(std::strcmp(verifysms::event_name(last.event), "SENT") == 0);
    config.url("http://127.0.0.1:1/").interrupt(stop);
    verifysms::send_result stopped = verifysms::client(config).send(NUMBER);
    CHECK(asked);
    CHECK(stopped.code() == verifysms::code::cancelled);
    CHECK(stopped.reached() == verifysms::reached::no);
}

static void a_connection_is_opened_ahead()
{
    static_assert(!std::is_constructible<bool, verifysms::connect_result>::value, "");
    static_assert(!std::is_convertible<verifysms::connect_result, verifysms::check_result>::value, "");
    verifysms::connect_result opened = verifysms::client(settings()).connect();
    CHECK(opened.connected() && opened.code() == verifysms::code::ok);
    CHECK(opened.reached() == verifysms::reached::no);
    CHECK(std::strcmp(opened.message(), "connected") == 0 && std::strcmp(opened.to(), "") == 0);
    verifysms::connect_result refused = verifysms::client(settings().url("http://127.0.0.1:1/")).connect();
    CHECK(!refused.connected() && refused.code() == verifysms::code::connect);
}

static void results_tell_all()
{
    verifysms::client client(settings());
    verifysms::send_result sent = client.send("054-123-4567");
    CHECK(sent.code() == verifysms::code::ok && sent.accepted());
    CHECK(sent.reached() == verifysms::reached::yes);
    CHECK(sent.reason() == verifysms::reason::none);
    CHECK(sent.http_status() == 200);
    CHECK(std::string(sent.to()) == NUMBER);
    CHECK(std::string(sent.sender()) == "Acme");
    CHECK(std::strlen(sent.unique()) > 0);
    CHECK(sent.timestamp().time_since_epoch() > std::chrono::seconds(1600000000));
    CHECK(std::strlen(sent.message()) > 0);
    verifysms::connect_result opened = client.connect();
    CHECK(opened.connected() && opened.reached() == verifysms::reached::no);
    verifysms::check_result checked = client.check(NUMBER, "not it");
    CHECK(!checked && !checked.verified());
    CHECK(checked.code() == verifysms::code::not_verified);
    CHECK(checked.status() != 1);
    verifysms::send_result rejected = client.send_with(NUMBER, "0509999999", nullptr);
    CHECK(rejected.reason() == verifysms::reason::sender_not_approved);
}

static void what_is_no_answer_is_thrown()
{
    verifysms::throwing_client client(settings());
    CHECK(client.connect().connected());
    CHECK(client.send(NUMBER).accepted());
    CHECK(!client.check(NUMBER, "not it"));
    client.cancel();
    try {
        client.send_with(NUMBER, "0509999999", nullptr);
        CHECK(!"thrown");
    } catch (const verifysms::error &error) {
        CHECK(error.code() == verifysms::code::rejected);
        CHECK(error.reason() == verifysms::reason::sender_not_approved);
        CHECK(error.reached() == verifysms::reached::yes);
        CHECK(error.http_status() == 200);
        CHECK(std::strlen(error.what()) > 0);
    }
    try {
        CHECK(!client.check("12", "123456"));
        CHECK(!"thrown");
    } catch (const std::runtime_error &error) {
        CHECK(begins(error.what(), "to: "));
    }
    try {
        verifysms::throwing_client refused(verifysms::config(""));
        CHECK(!"thrown");
    } catch (const verifysms::error &error) {
        CHECK(error.code() == verifysms::code::invalid_argument);
        CHECK(error.reached() == verifysms::reached::no);
        CHECK(begins(error.what(), "api_key"));
    }
}

static void a_queue_gives_each_result_once()
{
    verifysms::client client(settings());
    verifysms::queue queue(client);
    verifysms::queue_result result;
    CHECK(static_cast<bool>(queue));
    CHECK(queue.descriptor() > 2);
    CHECK(result.code() == verifysms::code::internal);
    CHECK(!result.verified());
    int calls[4] = {0, 0, 0, 0};
    CHECK(queue.connect(&calls[0]) == verifysms::code::ok);
    CHECK(queue.send(&calls[1], NUMBER) == verifysms::code::ok);
    CHECK(queue.send(&calls[2], NUMBER, "Acme Shop", "##code##") == verifysms::code::ok);
    CHECK(queue.check(&calls[3], NUMBER, "987654321") == verifysms::code::ok);
    while (queue.count() > 0) {
        while (queue.next(result)) {
            ++*static_cast<int *>(result.user_data());
            CHECK(!result.verified());
            bool is_check = result.user_data() == &calls[3];
            CHECK(result.code() == (is_check ? verifysms::code::not_verified : verifysms::code::ok));
        }
    }
    for (int count : calls) {
        CHECK(count == 1);
    }
    CHECK(queue.cancel(calls) == 0);
    verifysms::queue other(std::move(queue));
    CHECK(!queue);
    CHECK(queue.send(calls, NUMBER) == verifysms::code::invalid_argument);
    CHECK(!queue.next(result));
    CHECK(client.connect().connected());
}

static void a_sixth_guess_is_refused()
{
    verifysms::client client(guarded_settings());
    verifysms::request request("053-777-7777");
    request.end_user("203.0.113.7").sender("Shop").message("It is ##code##").timeout(std::chrono::seconds(20));
    request.origin("shop.example").app_hash("FA+9qCX9VSu");
    verifysms::send_result sent = client.send(request);
    CHECK(sent.accepted() && std::strcmp(sent.sender(), "Shop") == 0);
    CHECK(sent.limit() == verifysms::limit::cooldown);
    CHECK(sent.retry_after() == std::chrono::seconds(30));
    CHECK(sent.tries_left() == 5);
    for (int left = 4; left >= 0; --left) {
        verifysms::check_result checked = client.check(request, "987654321");
        CHECK(!checked && checked.tries_left() == left);
    }
    verifysms::check_result refused = client.check(request, "987654321");
    CHECK(!refused && refused.code() == verifysms::code::limited);
    CHECK(refused.limit() == verifysms::limit::tries && refused.tries_left() == 0);
    CHECK(refused.retry_after() > std::chrono::minutes(9));
    verifysms::guard_result shown = client.guard_show("0537777777");
    CHECK(shown.answered() && std::strstr(shown.message(), "TRIES 5 of 5 in 600 s") != nullptr);
    CHECK(client.forget("0537777777").answered());
    CHECK(client.send(request).accepted());
    request.timeout(std::chrono::seconds(0));
    CHECK(begins(client.send(request).message(), "timeout: "));
    verifysms::request other(std::move(request));
    CHECK(begins(client.send(request).message(), "request: is NULL"));
    CHECK(!verifysms::client(guarded_settings().guard(nullptr)).forget(NUMBER).answered());
    verifysms::config down = guarded_settings();
    down.guard("file:/nowhere/at/all").guard_failure(verifysms::guard_failure::refuse);
    CHECK(verifysms::client(down).send(NUMBER).code() == verifysms::code::guard_down);
}

static void what_a_limit_refuses_is_thrown()
{
    verifysms::throwing_client client(guarded_settings());
    verifysms::request request("0538888888");
    CHECK(client.send(request).accepted());
    CHECK(!client.check(request, "987654321"));
    CHECK(client.guard_show("0538888888").answered());
    try {
        client.send(request);
        CHECK(!"thrown");
    } catch (const verifysms::error &error) {
        CHECK(error.code() == verifysms::code::limited);
        CHECK(error.reached() == verifysms::reached::no);
        CHECK(error.limit() == verifysms::limit::cooldown);
        CHECK(error.retry_after() > std::chrono::seconds(0));
        CHECK(error.retry_after() <= std::chrono::seconds(30));
    }
    CHECK(client.forget("0538888888").answered());
    try {
        client.forget("12");
        CHECK(!"thrown");
    } catch (const verifysms::error &error) {
        CHECK(error.code() == verifysms::code::invalid_argument);
        CHECK(error.limit() == verifysms::limit::none && error.retry_after() == std::chrono::seconds(0));
    }
}

static void a_queue_takes_requests()
{
    verifysms::client client(guarded_settings());
    verifysms::queue queue(client);
    verifysms::queue_result result;
    {
        verifysms::request request("0539999999");
        request.end_user("203.0.113.7");
        CHECK(queue.send(nullptr, request) == verifysms::code::ok);
        CHECK(queue.send(nullptr, request) == verifysms::code::ok);
        CHECK(queue.check(&queue, request, "987654321") == verifysms::code::ok);
    }
    int accepted = 0, limited = 0, wrong = 0;
    while (queue.count() > 0) {
        while (queue.next(result)) {
            const bool is_check = result.user_data() == &queue;
            wrong += is_check && result.code() == verifysms::code::not_verified;
            accepted += !is_check && result.code() == verifysms::code::ok;
            limited += result.limit() == verifysms::limit::cooldown && result.code() == verifysms::code::limited;
        }
    }
    CHECK(accepted == 1 && limited == 1 && wrong == 1);
}

int main()
{
    handles_are_all_there_is();
    a_number_is_read_without_a_client();
    a_message_is_inspected_without_a_client();
    a_delivery_verifies_nobody();
    the_person_gets_a_sentence();
    what_was_moved_from_verifies_nobody();
    strings_are_taken_whole();
    the_first_refusal_is_told();
    functions_are_called();
    a_connection_is_opened_ahead();
    results_tell_all();
    what_is_no_answer_is_thrown();
    a_queue_gives_each_result_once();
    a_sixth_guess_is_refused();
    what_a_limit_refuses_is_thrown();
    a_queue_takes_requests();
    std::printf("%d passed, %d failed\n", passed, failed);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
