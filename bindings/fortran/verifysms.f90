! The C library as a module of Fortran 2003: texts are character(len=*), with or without padding.
! No other code deals with NUL bytes, pointers or freeing.
module verifysms
    use, intrinsic :: iso_c_binding
    implicit none
    private
    public :: verifysms_open, verifysms_connect_ahead, verifysms_send, verifysms_check, verifysms_forget, verifysms_guard_show, &
        verifysms_delivery, verifysms_cancel, verifysms_close, verifysms_event_name, verifysms_limit_name, &
        verifysms_rule_name, &
        verifysms_wait_text, verifysms_phone, verifysms_inspect, verifysms_release, verifysms_log, &
        verifysms_event, verifysms_interrupt

    integer, parameter, public :: VERIFYSMS_OK = 0
    integer, parameter, public :: VERIFYSMS_INVALID_ARGUMENT = 1
    integer, parameter, public :: VERIFYSMS_NOT_VERIFIED = 2
    integer, parameter, public :: VERIFYSMS_REJECTED = 3
    integer, parameter, public :: VERIFYSMS_CONNECT = 4
    integer, parameter, public :: VERIFYSMS_TLS = 5
    integer, parameter, public :: VERIFYSMS_TIMEOUT = 6
    integer, parameter, public :: VERIFYSMS_CONNECTION_LOST = 7
    integer, parameter, public :: VERIFYSMS_HTTP_STATUS = 8
    integer, parameter, public :: VERIFYSMS_BAD_REPLY = 9
    integer, parameter, public :: VERIFYSMS_CANCELLED = 10
    integer, parameter, public :: VERIFYSMS_INTERNAL = 11
    integer, parameter, public :: VERIFYSMS_LIMITED = 12
    integer, parameter, public :: VERIFYSMS_GUARD_DOWN = 13
    integer, parameter, public :: VERIFYSMS_REACHED_NO = 0
    integer, parameter, public :: VERIFYSMS_REACHED_YES = 1
    integer, parameter, public :: VERIFYSMS_REACHED_UNKNOWN = 2
    integer, parameter, public :: VERIFYSMS_TRUST_SYSTEM = 0
    integer, parameter, public :: VERIFYSMS_TRUST_BUNDLED = 1
    integer, parameter, public :: VERIFYSMS_LOG_INFO = 6
    integer, parameter, public :: VERIFYSMS_LOG_DEBUG = 7
    integer, parameter, public :: VERIFYSMS_LOG_WARNING = 4
    integer, parameter, public :: VERIFYSMS_EVENT_OTHER = 0
    integer, parameter, public :: VERIFYSMS_EVENT_SENT = 1
    integer, parameter, public :: VERIFYSMS_EVENT_CHECKED = 2
    integer, parameter, public :: VERIFYSMS_EVENT_VERIFIED = 3
    integer, parameter, public :: VERIFYSMS_EVENT_REFUSED = 4
    integer, parameter, public :: VERIFYSMS_EVENT_UNKNOWN = 5
    integer, parameter, public :: VERIFYSMS_EVENT_LIMITED = 6
    integer, parameter, public :: VERIFYSMS_EVENT_FAILED = 7
    integer, parameter, public :: VERIFYSMS_GUARD_LOCAL = 0
    integer, parameter, public :: VERIFYSMS_GUARD_REFUSE = 1
    integer, parameter, public :: VERIFYSMS_GUARD_ALLOW = 2
    integer, parameter, public :: VERIFYSMS_LIMIT_COOLDOWN = 1
    integer, parameter, public :: VERIFYSMS_LIMIT_SENDS_NUMBER = 2
    integer, parameter, public :: VERIFYSMS_LIMIT_SENDS_NUMBER_DAY = 3
    integer, parameter, public :: VERIFYSMS_LIMIT_SENDS_USER = 4
    integer, parameter, public :: VERIFYSMS_LIMIT_SENDS_RANGE = 5
    integer, parameter, public :: VERIFYSMS_LIMIT_SENDS_APP = 6
    integer, parameter, public :: VERIFYSMS_LIMIT_TRIES = 7
    integer, parameter, public :: VERIFYSMS_LIMIT_FAILURES_NUMBER = 8
    integer, parameter, public :: VERIFYSMS_LIMIT_FAILURES_USER = 9
    integer, parameter, public :: VERIFYSMS_PHONE_UNKNOWN = 0
    integer, parameter, public :: VERIFYSMS_PHONE_MOBILE = 1
    integer, parameter, public :: VERIFYSMS_PHONE_LANDLINE = 2
    integer, parameter, public :: VERIFYSMS_PHONE_VOIP = 3
    integer, parameter, public :: VERIFYSMS_PHONE_KOSHER = 4
    integer, parameter, public :: VERIFYSMS_ENCODING_GSM7 = 1
    integer, parameter, public :: VERIFYSMS_ENCODING_UCS2 = 2
    integer, parameter, public :: VERIFYSMS_WARNING_WITHOUT_CODE = 1
    integer, parameter, public :: VERIFYSMS_WARNING_SEVERAL_PARTS = 2
    integer, parameter, public :: VERIFYSMS_WARNING_COSTLY_CHARACTER = 3
    integer, parameter, public :: VERIFYSMS_WARNING_CODE_IN_RIGHT_TO_LEFT_LINE = 4
    integer, parameter, public :: VERIFYSMS_WARNING_DIRECTION_MARK = 5
    integer, parameter, public :: VERIFYSMS_WARNING_WEBOTP_MISSING = 6
    integer, parameter, public :: VERIFYSMS_WARNING_WEBOTP_NOT_LAST = 7
    integer, parameter, public :: VERIFYSMS_WARNING_WEBOTP_FORM = 8
    integer, parameter, public :: VERIFYSMS_WARNING_WEBOTP_HOST = 9
    integer, parameter, public :: VERIFYSMS_WARNING_WEBOTP_ORIGIN = 10
    integer, parameter, public :: VERIFYSMS_WARNING_RETRIEVER_LENGTH = 11
    integer, parameter, public :: VERIFYSMS_WARNING_LINK = 12
    integer, parameter, public :: VERIFYSMS_WARNING_OTHER_NUMBER = 13
    integer, parameter, public :: VERIFYSMS_WARNING_SENDER_INVALID = 14
    integer, parameter, public :: VERIFYSMS_WARNING_SENDER_CHARACTERS = 15
    integer, parameter, public :: VERIFYSMS_WARNING_SENDER_NUMBER = 16
    integer, parameter, public :: VERIFYSMS_DELIVERY_UNKNOWN = 0
    integer, parameter, public :: VERIFYSMS_DELIVERY_PENDING = 1
    integer, parameter, public :: VERIFYSMS_DELIVERY_DELIVERED = 2
    integer, parameter, public :: VERIFYSMS_DELIVERY_FAILED = 3
    integer, parameter, public :: VERIFYSMS_DELIVERY_BLOCKED = 4
    integer, parameter, public :: VERIFYSMS_DELIVERY_EXPIRED = 5
    integer, parameter, public :: VERIFYSMS_DELIVERY_CODE_NONE = -2147483647
    integer, parameter, public :: VERIFYSMS_NEXT_NONE = 0
    integer, parameter, public :: VERIFYSMS_NEXT_WAIT = 1
    integer, parameter, public :: VERIFYSMS_NEXT_RETRY_LATER = 2
    integer, parameter, public :: VERIFYSMS_NEXT_ANOTHER_NUMBER = 3
    integer, parameter, public :: VERIFYSMS_NEXT_OPTED_OUT = 4
    integer, parameter, public :: VERIFYSMS_NEXT_ABROAD = 5
    integer, parameter, public :: VERIFYSMS_NEXT_CONTACT_SUPPORT = 6

    ! At most so many in so many seconds; 0: no limit of this kind, a VERIFYSMS_LIMIT_.
    type, public :: verifysms_limit
        integer :: kind
        integer :: most
        integer :: seconds
    end type

    abstract interface
        ! Gets each line of the log, in the thread of the call.
        subroutine verifysms_log(level, line)
            integer, intent(in) :: level
            character(len=*), intent(in) :: line
        end subroutine
        ! Is told of the end of each call, in its thread: event is a VERIFYSMS_EVENT_, limit what refused it, or 0.
        subroutine verifysms_event(event, code, reached, milliseconds, attempt, reused, limit)
            integer, intent(in) :: event, code, reached, milliseconds, attempt, limit
            logical, intent(in) :: reused
        end subroutine
        ! Is asked while a call waits, in its thread: true ends the call.
        logical function verifysms_interrupt()
        end function
    end interface

    type :: callbacks
        procedure(verifysms_log), pointer, nopass :: log => null()
        procedure(verifysms_event), pointer, nopass :: event => null()
        procedure(verifysms_interrupt), pointer, nopass :: interrupt => null()
    end type

    type, public :: verifysms_client
        private
        type(c_ptr) :: handle = c_null_ptr
        ! C calls them as long as there is a client.
        type(callbacks), pointer :: functions => null()
    end type

    ! How a call ended. Only a check of the right code makes verified true.
    type, public :: verifysms_outcome
        logical :: verified = .false.
        integer :: code = VERIFYSMS_INTERNAL
        integer :: reached = VERIFYSMS_REACHED_UNKNOWN
        ! Which rule an argument or a setting breaks, by verifysms_rule_name; 0 if none.
        integer :: rule = 0
        integer :: reason = 0
        integer :: status = 0
        integer :: http_status = 0
        ! The limit that makes the next such call wait, for how many seconds, and how many wrong codes are left.
        integer :: limit = 0
        integer :: retry_after = 0
        integer :: tries_left = -1
        integer(c_int64_t) :: timestamp = 0
        character(len=:), allocatable :: to
        character(len=:), allocatable :: unique
        character(len=:), allocatable :: sender
        character(len=:), allocatable :: message
        ! Sentences for the person who signs up, in Hebrew and in English.
        character(len=:), allocatable :: user_text_he
        character(len=:), allocatable :: user_text_en
        ! What became of a message, a VERIFYSMS_DELIVERY_, what to do, a VERIFYSMS_NEXT_, and the provider's own code,
        ! words, date and operator: see verifysms_delivery.
        integer :: delivery_state = VERIFYSMS_DELIVERY_UNKNOWN
        integer :: delivery_next = VERIFYSMS_NEXT_NONE
        integer :: delivery_code = VERIFYSMS_DELIVERY_CODE_NONE
        character(len=:), allocatable :: delivery_hebrew
        character(len=:), allocatable :: delivery_english
        character(len=:), allocatable :: delivery_date
        character(len=:), allocatable :: delivery_operator
    end type

    ! A phone number in the forms that services and databases want.
    type, public :: verifysms_phone_number
        ! 0501234567, and +972501234567.
        character(len=:), allocatable :: to
        character(len=:), allocatable :: e164
        ! A hint, as numbers are ported: VERIFYSMS_PHONE_MOBILE and so on.
        integer :: kind = VERIFYSMS_PHONE_UNKNOWN
        ! 0, or which rule of verifysms_rule_name the text breaks; then it is no number.
        integer :: rule = -1
    end type

    ! One thing that is wrong with a message, a VERIFYSMS_WARNING_; position -1 is the whole text.
    type, public :: verifysms_warning
        integer :: kind = 0
        integer :: position = -1
        character(len=:), allocatable :: text
    end type

    ! What a message costs, encoding a VERIFYSMS_ENCODING_ (0: it is no text), and what is wrong with it.
    type, public :: verifysms_inspection
        integer :: encoding = 0
        integer :: length = 0
        integer :: parts = 0
        type(verifysms_warning), allocatable :: warnings(:)
    end type

    interface
        type(c_ptr) function c_config_new(key) bind(c, name='verifysms_config_new')
            import :: c_ptr, c_char
            character(kind=c_char), intent(in) :: key(*)
        end function
        integer(c_int) function c_set_log(config, log, user_data) bind(c, name='verifysms_config_set_log')
            import :: c_ptr, c_funptr, c_int
            type(c_ptr), value :: config, user_data
            type(c_funptr), value :: log
        end function
        integer(c_int) function c_set_event(config, event, user_data) bind(c, name='verifysms_config_set_event')
            import :: c_ptr, c_funptr, c_int
            type(c_ptr), value :: config, user_data
            type(c_funptr), value :: event
        end function
        integer(c_int) function c_set_interrupt(config, interrupt, user_data) bind(c, name='verifysms_config_set_interrupt')
            import :: c_ptr, c_funptr, c_int
            type(c_ptr), value :: config, user_data
            type(c_funptr), value :: interrupt
        end function
        subroutine c_config_free(config) bind(c, name='verifysms_config_free')
            import :: c_ptr
            type(c_ptr), value :: config
        end subroutine
        type(c_ptr) function c_client_new(config) bind(c, name='verifysms_client_new')
            import :: c_ptr
            type(c_ptr), value :: config
        end function
        subroutine c_cancel(client) bind(c, name='verifysms_client_cancel')
            import :: c_ptr
            type(c_ptr), value :: client
        end subroutine
        subroutine c_client_free(client) bind(c, name='verifysms_client_free')
            import :: c_ptr
            type(c_ptr), value :: client
        end subroutine
        type(c_ptr) function c_connect(client) bind(c, name='verifysms_client_connect')
            import :: c_ptr
            type(c_ptr), value :: client
        end function
        integer(c_int) function c_set_limit(config, limit, most, seconds) bind(c, name='verifysms_config_set_limit')
            import :: c_ptr, c_int
            type(c_ptr), value :: config
            integer(c_int), value :: limit, most, seconds
        end function
        integer(c_int) function c_set_no_guard(config, none) bind(c, name='verifysms_config_set_guard')
            import :: c_ptr, c_int
            type(c_ptr), value :: config, none
        end function
        type(c_ptr) function c_request_new(to) bind(c, name='verifysms_request_new')
            import :: c_ptr, c_char
            character(kind=c_char), intent(in) :: to(*)
        end function
        subroutine c_request_free(request) bind(c, name='verifysms_request_free')
            import :: c_ptr
            type(c_ptr), value :: request
        end subroutine
        type(c_ptr) function c_send_request(client, request) bind(c, name='verifysms_send_request')
            import :: c_ptr
            type(c_ptr), value :: client, request
        end function
        type(c_ptr) function c_check_request(client, request, typed) bind(c, name='verifysms_check_request')
            import :: c_ptr, c_char
            type(c_ptr), value :: client, request
            character(kind=c_char), intent(in) :: typed(*)
        end function
        type(c_ptr) function c_delivery(client, unique) bind(c, name='verifysms_delivery')
            import :: c_ptr, c_char
            type(c_ptr), value :: client
            character(kind=c_char), intent(in) :: unique(*)
        end function
        type(c_ptr) function c_forget(client, to) bind(c, name='verifysms_forget')
            import :: c_ptr, c_char
            type(c_ptr), value :: client
            character(kind=c_char), intent(in) :: to(*)
        end function
        type(c_ptr) function c_guard_show(client, to) bind(c, name='verifysms_guard_show')
            import :: c_ptr, c_char
            type(c_ptr), value :: client
            character(kind=c_char), intent(in) :: to(*)
        end function
        subroutine c_result_free(result) bind(c, name='verifysms_result_free')
            import :: c_ptr
            type(c_ptr), value :: result
        end subroutine
        type(c_ptr) function c_user_text(result, language) bind(c, name='verifysms_result_user_text')
            import :: c_ptr, c_char
            type(c_ptr), value :: result
            character(kind=c_char), intent(in) :: language(*)
        end function
        integer(c_int) function c_wait_text(seconds, language, buffer, size) bind(c, name='verifysms_wait_text')
            import :: c_char, c_int
            integer(c_int), value :: seconds, size
            character(kind=c_char), intent(in) :: language(*)
            character(kind=c_char), intent(inout) :: buffer(*)
        end function
        integer(c_int) function c_phone_normalize(text, buffer, size) bind(c, name='verifysms_phone_normalize')
            import :: c_char, c_int
            character(kind=c_char), intent(in) :: text(*)
            character(kind=c_char), intent(inout) :: buffer(*)
            integer(c_int), value :: size
        end function
        integer(c_int) function c_phone_e164(text, buffer, size) bind(c, name='verifysms_phone_e164')
            import :: c_char, c_int
            character(kind=c_char), intent(in) :: text(*)
            character(kind=c_char), intent(inout) :: buffer(*)
            integer(c_int), value :: size
        end function
        integer(c_int) function c_phone_kind(text) bind(c, name='verifysms_phone_kind')
            import :: c_char, c_int
            character(kind=c_char), intent(in) :: text(*)
        end function
        type(c_ptr) function c_inspect(message, sender, origin) bind(c, name='verifysms_message_inspect')
            import :: c_ptr, c_char
            character(kind=c_char), intent(in) :: message(*)
            type(c_ptr), value :: sender, origin
        end function
        integer(c_int) function c_encoding(found) bind(c, name='verifysms_message_encoding')
            import :: c_ptr, c_int
            type(c_ptr), value :: found
        end function
        integer(c_int) function c_length(found, digits) bind(c, name='verifysms_message_length')
            import :: c_ptr, c_int
            type(c_ptr), value :: found
            integer(c_int), value :: digits
        end function
        integer(c_int) function c_parts(found, digits) bind(c, name='verifysms_message_parts')
            import :: c_ptr, c_int
            type(c_ptr), value :: found
            integer(c_int), value :: digits
        end function
        integer(c_int) function c_warning_count(found) bind(c, name='verifysms_message_warning_count')
            import :: c_ptr, c_int
            type(c_ptr), value :: found
        end function
        integer(c_int) function c_warning(found, index) bind(c, name='verifysms_message_warning')
            import :: c_ptr, c_int
            type(c_ptr), value :: found
            integer(c_int), value :: index
        end function
        integer(c_int) function c_warning_position(found, index) bind(c, name='verifysms_message_warning_position')
            import :: c_ptr, c_int
            type(c_ptr), value :: found
            integer(c_int), value :: index
        end function
        type(c_ptr) function c_warning_text(found, index) bind(c, name='verifysms_message_warning_text')
            import :: c_ptr, c_int
            type(c_ptr), value :: found
            integer(c_int), value :: index
        end function
        subroutine c_message_free(found) bind(c, name='verifysms_message_free')
            import :: c_ptr
            type(c_ptr), value :: found
        end subroutine
        type(c_ptr) function c_rule_name(rule) bind(c, name='verifysms_rule_name')
            import :: c_ptr, c_int
            integer(c_int), value :: rule
        end function
        type(c_ptr) function c_event_name(event) bind(c, name='verifysms_event_name')
            import :: c_ptr, c_int
            integer(c_int), value :: event
        end function
        type(c_ptr) function c_limit_name(limit) bind(c, name='verifysms_limit_name')
            import :: c_ptr, c_int
            integer(c_int), value :: limit
        end function
        type(c_ptr) function c_version() bind(c, name='verifysms_version')
            import :: c_ptr
        end function
        integer(c_int) function c_copy(text, buffer, size) bind(c, name='verifysms_copy')
            import :: c_ptr, c_char, c_int
            type(c_ptr), value :: text
            character(kind=c_char), intent(inout) :: buffer(*)
            integer(c_int), value :: size
        end function
    end interface

    ! The shapes of setters and accessors.
    abstract interface
        integer(c_int) function set_text(config, text) bind(c)
            import :: c_ptr, c_char, c_int
            type(c_ptr), value :: config
            character(kind=c_char), intent(in) :: text(*)
        end function
        integer(c_int) function set_number(config, number) bind(c)
            import :: c_ptr, c_int
            type(c_ptr), value :: config
            integer(c_int), value :: number
        end function
        integer(c_int) function get_number(handle) bind(c)
            import :: c_ptr, c_int
            type(c_ptr), value :: handle
        end function
        integer(c_int64_t) function get_wide(handle) bind(c)
            import :: c_ptr, c_int64_t
            type(c_ptr), value :: handle
        end function
        type(c_ptr) function get_text(handle) bind(c)
            import :: c_ptr
            type(c_ptr), value :: handle
        end function
    end interface

    ! Only to be passed to put_ and read_ below: of such procedures gfortran 12 passes the arguments of
    ! all calls but the first by reference.
    procedure(set_text), bind(c, name='verifysms_config_set_sender') :: c_set_sender
    procedure(set_text), bind(c, name='verifysms_config_set_message') :: c_set_message
    procedure(set_text), bind(c, name='verifysms_config_set_url') :: c_set_url
    procedure(set_text), bind(c, name='verifysms_config_set_delivery_url') :: c_set_delivery_url
    procedure(set_text), bind(c, name='verifysms_config_set_proxy') :: c_set_proxy
    procedure(set_text), bind(c, name='verifysms_config_set_ca_file') :: c_set_ca_file
    procedure(set_number), bind(c, name='verifysms_config_set_timeout_ms') :: c_set_timeout_ms
    procedure(set_number), bind(c, name='verifysms_config_set_connect_timeout_ms') :: c_set_connect_timeout_ms
    procedure(set_number), bind(c, name='verifysms_config_set_trust') :: c_set_trust
    procedure(set_number), bind(c, name='verifysms_config_set_allow_http') :: c_set_allow_http
    procedure(set_text), bind(c, name='verifysms_config_set_guard') :: c_set_guard
    procedure(set_text), bind(c, name='verifysms_config_set_guard_secret') :: c_set_guard_secret
    procedure(set_text), bind(c, name='verifysms_config_set_guard_namespace') :: c_set_guard_namespace
    procedure(set_number), bind(c, name='verifysms_config_set_guard_timeout_ms') :: c_set_guard_timeout_ms
    procedure(set_number), bind(c, name='verifysms_config_set_guard_failure') :: c_set_guard_failure
    procedure(set_text), bind(c, name='verifysms_request_set_sender') :: c_request_sender
    procedure(set_text), bind(c, name='verifysms_request_set_message') :: c_request_message
    procedure(set_text), bind(c, name='verifysms_request_set_end_user') :: c_request_end_user
    procedure(set_text), bind(c, name='verifysms_request_set_origin') :: c_request_origin
    procedure(set_text), bind(c, name='verifysms_request_set_app_hash') :: c_request_app_hash
    procedure(set_number), bind(c, name='verifysms_request_set_timeout_ms') :: c_request_timeout_ms
    procedure(get_text), bind(c, name='verifysms_config_error') :: c_config_error
    procedure(get_number), bind(c, name='verifysms_config_rule') :: c_config_rule
    procedure(get_number), bind(c, name='verifysms_result_code') :: c_code
    procedure(get_number), bind(c, name='verifysms_result_reached') :: c_reached
    procedure(get_number), bind(c, name='verifysms_result_rule') :: c_rule
    procedure(get_number), bind(c, name='verifysms_result_reason') :: c_reason
    procedure(get_number), bind(c, name='verifysms_result_status') :: c_status
    procedure(get_number), bind(c, name='verifysms_result_http_status') :: c_http_status
    procedure(get_number), bind(c, name='verifysms_result_limit') :: c_limit
    procedure(get_number), bind(c, name='verifysms_result_retry_after') :: c_retry_after
    procedure(get_number), bind(c, name='verifysms_result_tries_left') :: c_tries_left
    procedure(get_wide), bind(c, name='verifysms_result_timestamp') :: c_timestamp
    procedure(get_text), bind(c, name='verifysms_result_unique') :: c_unique
    procedure(get_text), bind(c, name='verifysms_result_sender') :: c_sender
    procedure(get_text), bind(c, name='verifysms_result_to') :: c_to
    procedure(get_text), bind(c, name='verifysms_result_message') :: c_message
    procedure(get_number), bind(c, name='verifysms_result_delivery_state') :: c_delivery_state
    procedure(get_number), bind(c, name='verifysms_result_delivery_next') :: c_delivery_next
    procedure(get_number), bind(c, name='verifysms_result_delivery_code') :: c_delivery_code
    procedure(get_text), bind(c, name='verifysms_result_delivery_hebrew') :: c_delivery_hebrew
    procedure(get_text), bind(c, name='verifysms_result_delivery_english') :: c_delivery_english
    procedure(get_text), bind(c, name='verifysms_result_delivery_date') :: c_delivery_date
    procedure(get_text), bind(c, name='verifysms_result_delivery_operator') :: c_delivery_operator

contains

    ! A client. Settings that are left out, or blank, have the library's defaults. The outcome says whether one was refused.
    subroutine verifysms_open(client, outcome, api_key, sender, message, url, timeout_ms, connect_timeout_ms, proxy, &
            no_proxy, ca_file, trust, allow_http, log, interrupt, guard, no_guard, guard_secret, guard_namespace, &
            guard_timeout_ms, guard_failure, limits, delivery_url, event)
        type(verifysms_client), intent(out) :: client
        type(verifysms_outcome), intent(out) :: outcome
        character(len=*), intent(in) :: api_key
        character(len=*), intent(in), optional :: sender, message, url, proxy, ca_file, guard, guard_secret, guard_namespace
        character(len=*), intent(in), optional :: delivery_url
        integer, intent(in), optional :: timeout_ms, connect_timeout_ms, trust, guard_timeout_ms, guard_failure
        type(verifysms_limit), intent(in), optional :: limits(:)
        ! No limits on sends and tries.
        logical, intent(in), optional :: no_guard
        ! Use no proxy, whatever the environment says.
        logical, intent(in), optional :: no_proxy
        logical, intent(in), optional :: allow_http
        procedure(verifysms_log), optional :: log
        procedure(verifysms_interrupt), optional :: interrupt
        procedure(verifysms_event), optional :: event
        type(c_ptr) :: config
        integer(c_int) :: ignored
        integer :: i

        config = c_config_new(c_text(api_key))
        call put_text(c_set_sender, config, sender)
        call put_text(c_set_message, config, message)
        call put_text(c_set_url, config, url)
        call put_text(c_set_delivery_url, config, delivery_url)
        call put_text(c_set_proxy, config, proxy)
        call put_text(c_set_ca_file, config, ca_file)
        call put_number(c_set_timeout_ms, config, timeout_ms)
        call put_number(c_set_connect_timeout_ms, config, connect_timeout_ms)
        call put_number(c_set_trust, config, trust)
        if (is_true(allow_http)) call put_number(c_set_allow_http, config, 1)
        if (is_true(no_proxy)) call put_c_text(c_set_proxy, config, c_text(''))
        call put_text(c_set_guard, config, guard)
        call put_text(c_set_guard_secret, config, guard_secret)
        call put_text(c_set_guard_namespace, config, guard_namespace)
        call put_number(c_set_guard_timeout_ms, config, guard_timeout_ms)
        call put_number(c_set_guard_failure, config, guard_failure)
        if (present(limits)) then
            do i = 1, size(limits)
                ignored = c_set_limit(config, int(limits(i)%kind, c_int), int(limits(i)%most, c_int), &
                    int(limits(i)%seconds, c_int))
            end do
        end if
        if (is_true(no_guard)) ignored = c_set_no_guard(config, c_null_ptr)
        allocate (client%functions)
        if (present(log)) then
            client%functions%log => log
            ignored = c_set_log(config, c_funloc(write_log), c_loc(client%functions))
        end if
        if (present(event)) then
            client%functions%event => event
            ignored = c_set_event(config, c_funloc(count_event), c_loc(client%functions))
        end if
        if (present(interrupt)) then
            client%functions%interrupt => interrupt
            ignored = c_set_interrupt(config, c_funloc(is_interrupted), c_loc(client%functions))
        end if
        client%handle = c_client_new(config)
        outcome%code = merge(VERIFYSMS_OK, VERIFYSMS_INVALID_ARGUMENT, c_associated(client%handle))
        outcome%reached = VERIFYSMS_REACHED_NO
        outcome%to = ''
        outcome%unique = ''
        outcome%sender = ''
        outcome%user_text_he = ''
        outcome%user_text_en = ''
        outcome%delivery_hebrew = ''
        outcome%delivery_english = ''
        outcome%delivery_date = ''
        outcome%delivery_operator = ''
        outcome%message = read_text(c_config_error, config)
        outcome%rule = read_number(c_config_rule, config)
        call c_config_free(config)
    end subroutine

    ! Opens a connection ahead of the next call: when somebody is about to type a number.
    function verifysms_connect_ahead(client) result(outcome)
        type(verifysms_client), intent(in) :: client
        type(verifysms_outcome) :: outcome
        outcome = read_result(c_connect(client%handle))
    end function

    ! Sends a code to a phone number by SMS, if need be with another sender, message or deadline than the client's,
    ! for an end user whose sends the guard counts. With the origin of a page and the hash of an Android app, which
    ! may fill the code in, the message gets their lines.
    function verifysms_send(client, to, sender, message, end_user, timeout_ms, origin, app_hash) result(outcome)
        type(verifysms_client), intent(in) :: client
        character(len=*), intent(in) :: to
        character(len=*), intent(in), optional :: sender, message, end_user, origin, app_hash
        integer, intent(in), optional :: timeout_ms
        type(verifysms_outcome) :: outcome
        type(c_ptr) :: request

        request = new_request(to, sender, message, end_user, timeout_ms, origin, app_hash)
        outcome = read_result(c_send_request(client%handle, request))
        call c_request_free(request)
    end function

    ! Checks the code that a person typed.
    function verifysms_check(client, to, typed, end_user, timeout_ms) result(outcome)
        type(verifysms_client), intent(in) :: client
        character(len=*), intent(in) :: to, typed
        character(len=*), intent(in), optional :: end_user
        integer, intent(in), optional :: timeout_ms
        type(verifysms_outcome) :: outcome
        type(c_ptr) :: request

        request = new_request(to, end_user=end_user, timeout_ms=timeout_ms)
        outcome = read_result(c_check_request(client%handle, request, c_text(typed)))
        outcome%verified = outcome%code == VERIFYSMS_OK .and. outcome%status == 1
        call c_request_free(request)
    end function

    ! Forgets what the guard knows of a number: for a call centre that unlocks a person.
    function verifysms_forget(client, to) result(outcome)
        type(verifysms_client), intent(in) :: client
        character(len=*), intent(in) :: to
        type(verifysms_outcome) :: outcome
        outcome = read_result(c_forget(client%handle, c_text(to)))
    end function

    ! How far the limits of a number are used, in the message of the outcome.
    function verifysms_guard_show(client, to) result(outcome)
        type(verifysms_client), intent(in) :: client
        character(len=*), intent(in) :: to
        type(verifysms_outcome) :: outcome
        outcome = read_result(c_guard_show(client%handle, c_text(to)))
    end function

    ! What became of a message, by the unique of its send. It verifies nobody.
    function verifysms_delivery(client, unique) result(outcome)
        type(verifysms_client), intent(in) :: client
        character(len=*), intent(in) :: unique
        type(verifysms_outcome) :: outcome
        outcome = read_result(c_delivery(client%handle, c_text(unique)))
    end function

    ! Ends the calls of other threads, with VERIFYSMS_CANCELLED.
    subroutine verifysms_cancel(client)
        type(verifysms_client), intent(in) :: client
        call c_cancel(client%handle)
    end subroutine

    subroutine verifysms_close(client)
        type(verifysms_client), intent(inout) :: client
        call c_client_free(client%handle)
        client%handle = c_null_ptr
        if (associated(client%functions)) deallocate (client%functions)
    end subroutine

    ! The name of an event, for example VERIFIED.
    function verifysms_event_name(event) result(text)
        integer, intent(in) :: event
        character(len=:), allocatable :: text
        text = fortran_text(c_event_name(int(event, c_int)))
    end function

    ! The name of a limit, for example SENDS_NUMBER.
    function verifysms_limit_name(limit) result(text)
        integer, intent(in) :: limit
        character(len=:), allocatable :: text
        text = fortran_text(c_limit_name(int(limit, c_int)))
    end function

    ! The name of a rule, for example PHONE_TOO_SHORT.
    function verifysms_rule_name(rule) result(text)
        integer, intent(in) :: rule
        character(len=:), allocatable :: text
        text = fortran_text(c_rule_name(int(rule, c_int)))
    end function

    ! The sentence that a new code can be asked for in so many seconds, in Hebrew for 'he', otherwise in English.
    function verifysms_wait_text(seconds, language) result(text)
        integer, intent(in) :: seconds
        character(len=*), intent(in) :: language
        character(len=:), allocatable :: text
        character(kind=c_char), target :: buffer(256)
        integer(c_int) :: ignored
        ignored = c_wait_text(int(seconds, c_int), c_text(language), buffer, int(size(buffer), c_int))
        text = fortran_text(c_loc(buffer))
    end function

    ! A phone number as people write it.
    function verifysms_phone(text) result(number)
        character(len=*), intent(in) :: text
        type(verifysms_phone_number) :: number
        character(kind=c_char), target :: local(16), international(16)
        integer(c_int) :: ignored
        number%rule = c_phone_normalize(c_text(text), local, int(size(local), c_int))
        ignored = c_phone_e164(c_text(text), international, int(size(international), c_int))
        number%to = fortran_text(c_loc(local))
        number%e164 = fortran_text(c_loc(international))
        number%kind = c_phone_kind(c_text(text))
    end function

    ! Inspects a message with a code of so many digits (8), before it is sent. The origin is the host of a page.
    function verifysms_inspect(message, sender, origin, digits) result(inspection)
        character(len=*), intent(in) :: message
        character(len=*), intent(in), optional :: sender, origin
        integer, intent(in), optional :: digits
        type(verifysms_inspection) :: inspection
        character(kind=c_char), allocatable, target :: c_sender_text(:), c_origin_text(:)
        type(c_ptr) :: found
        integer(c_int) :: i, with

        with = 8
        if (present(digits)) with = int(digits, c_int)
        call to_c(sender, c_sender_text)
        call to_c(origin, c_origin_text)
        found = c_inspect(c_text(message), merge(c_loc(c_sender_text), c_null_ptr, given(sender)), &
            merge(c_loc(c_origin_text), c_null_ptr, given(origin)))
        inspection%encoding = c_encoding(found)
        inspection%length = c_length(found, with)
        inspection%parts = c_parts(found, with)
        allocate (inspection%warnings(c_warning_count(found)))
        do i = 1, size(inspection%warnings, kind=c_int)
            inspection%warnings(i)%kind = c_warning(found, i - 1)
            inspection%warnings(i)%position = c_warning_position(found, i - 1)
            inspection%warnings(i)%text = fortran_text(c_warning_text(found, i - 1))
        end do
        call c_message_free(found)
    end function

    ! A text as C has it, in memory that stays.
    subroutine to_c(text, bytes)
        character(len=*), intent(in), optional :: text
        character(kind=c_char), allocatable, intent(out) :: bytes(:)
        integer :: i
        if (given(text)) then
            allocate (bytes(len_trim(text) + 1))
            do i = 1, len_trim(text)
                bytes(i) = text(i:i)
            end do
        else
            allocate (bytes(1))
        end if
        bytes(size(bytes)) = c_null_char
    end subroutine

    ! The version of the loaded library.
    function verifysms_release() result(text)
        character(len=:), allocatable :: text
        text = fortran_text(c_version())
    end function

    function read_result(handle) result(outcome)
        type(c_ptr), intent(in) :: handle
        type(verifysms_outcome) :: outcome
        outcome%code = read_number(c_code, handle)
        outcome%reached = read_number(c_reached, handle)
        outcome%rule = read_number(c_rule, handle)
        outcome%reason = read_number(c_reason, handle)
        outcome%status = read_number(c_status, handle)
        outcome%http_status = read_number(c_http_status, handle)
        outcome%limit = read_number(c_limit, handle)
        outcome%retry_after = read_number(c_retry_after, handle)
        outcome%tries_left = read_number(c_tries_left, handle)
        outcome%timestamp = read_wide(c_timestamp, handle)
        outcome%to = read_text(c_to, handle)
        outcome%unique = read_text(c_unique, handle)
        outcome%sender = read_text(c_sender, handle)
        outcome%message = read_text(c_message, handle)
        outcome%delivery_state = read_number(c_delivery_state, handle)
        outcome%delivery_next = read_number(c_delivery_next, handle)
        outcome%delivery_code = read_number(c_delivery_code, handle)
        outcome%delivery_hebrew = read_text(c_delivery_hebrew, handle)
        outcome%delivery_english = read_text(c_delivery_english, handle)
        outcome%delivery_date = read_text(c_delivery_date, handle)
        outcome%delivery_operator = read_text(c_delivery_operator, handle)
        outcome%user_text_he = fortran_text(c_user_text(handle, c_text('he')))
        outcome%user_text_en = fortran_text(c_user_text(handle, c_text('en')))
        call c_result_free(handle)
    end function

    ! What a call is about.
    function new_request(to, sender, message, end_user, timeout_ms, origin, app_hash) result(request)
        character(len=*), intent(in) :: to
        character(len=*), intent(in), optional :: sender, message, end_user, origin, app_hash
        integer, intent(in), optional :: timeout_ms
        type(c_ptr) :: request
        request = c_request_new(c_text(to))
        call put_text(c_request_sender, request, sender)
        call put_text(c_request_message, request, message)
        call put_text(c_request_end_user, request, end_user)
        call put_text(c_request_origin, request, origin)
        call put_text(c_request_app_hash, request, app_hash)
        call put_number(c_request_timeout_ms, request, timeout_ms)
    end function

    subroutine put_text(setter, config, text)
        procedure(set_text) :: setter
        type(c_ptr), intent(in) :: config
        character(len=*), intent(in), optional :: text
        if (given(text)) call put_c_text(setter, config, c_text(text))
    end subroutine

    subroutine put_c_text(setter, config, text)
        procedure(set_text) :: setter
        type(c_ptr), intent(in) :: config
        character(kind=c_char, len=*), intent(in) :: text
        integer(c_int) :: ignored
        ignored = setter(config, text)
    end subroutine

    subroutine put_number(setter, config, number)
        procedure(set_number) :: setter
        type(c_ptr), intent(in) :: config
        integer, intent(in), optional :: number
        integer(c_int) :: ignored
        if (present(number)) ignored = setter(config, int(number, c_int))
    end subroutine

    integer function read_number(accessor, handle)
        procedure(get_number) :: accessor
        type(c_ptr), intent(in) :: handle
        read_number = accessor(handle)
    end function

    integer(c_int64_t) function read_wide(accessor, handle)
        procedure(get_wide) :: accessor
        type(c_ptr), intent(in) :: handle
        read_wide = accessor(handle)
    end function

    function read_text(accessor, handle) result(text)
        procedure(get_text) :: accessor
        type(c_ptr), intent(in) :: handle
        character(len=:), allocatable :: text
        text = fortran_text(accessor(handle))
    end function

    ! What C calls; without a name there, they collide with nobody's.
    subroutine write_log(user_data, level, line) bind(c, name='')
        type(c_ptr), value :: user_data, line
        integer(c_int), value :: level
        type(callbacks), pointer :: functions
        call c_f_pointer(user_data, functions)
        call functions%log(int(level), fortran_text(line))
    end subroutine

    subroutine count_event(user_data, event, code, reached, milliseconds, attempt, reused, limit) bind(c, name='')
        type(c_ptr), value :: user_data
        integer(c_int), value :: event, code, reached, milliseconds, attempt, reused, limit
        type(callbacks), pointer :: functions
        call c_f_pointer(user_data, functions)
        call functions%event(int(event), int(code), int(reached), int(milliseconds), int(attempt), reused /= 0, int(limit))
    end subroutine

    integer(c_int) function is_interrupted(user_data) bind(c, name='')
        type(c_ptr), value :: user_data
        type(callbacks), pointer :: functions
        call c_f_pointer(user_data, functions)
        is_interrupted = merge(1_c_int, 0_c_int, functions%interrupt())
    end function

    logical function is_true(flag)
        logical, intent(in), optional :: flag
        is_true = .false.
        if (present(flag)) is_true = flag
    end function

    logical function given(text)
        character(len=*), intent(in), optional :: text
        given = .false.
        if (present(text)) given = len_trim(text) > 0
    end function

    function c_text(text)
        character(len=*), intent(in) :: text
        character(kind=c_char, len=len_trim(text) + 1) :: c_text
        c_text = trim(text) // c_null_char
    end function

    function fortran_text(pointer) result(text)
        type(c_ptr), intent(in) :: pointer
        character(len=:), allocatable :: text
        character(kind=c_char) :: none(1)
        character(kind=c_char), allocatable :: buffer(:)
        integer(c_int) :: length
        integer :: i
        length = c_copy(pointer, none, 0_c_int)
        allocate (buffer(length + 1))
        length = c_copy(pointer, buffer, length + 1_c_int)
        allocate (character(len=length) :: text)
        do i = 1, length
            text(i:i) = buffer(i)
        end do
    end function
end module
