! The C library as a module of Fortran 2003: texts are character(len=*), with or without padding.
! No other code deals with NUL bytes, pointers or freeing.
module verifysms
    use, intrinsic :: iso_c_binding
    implicit none
    private
    public :: verifysms_open, verifysms_connect_ahead, verifysms_send, verifysms_check, verifysms_close, verifysms_release

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
    integer, parameter, public :: VERIFYSMS_REACHED_NO = 0
    integer, parameter, public :: VERIFYSMS_REACHED_YES = 1
    integer, parameter, public :: VERIFYSMS_REACHED_UNKNOWN = 2

    type, public :: verifysms_client
        private
        type(c_ptr) :: handle = c_null_ptr
    end type

    ! How a call ended. Only a check of the right code makes verified true.
    type, public :: verifysms_outcome
        logical :: verified = .false.
        integer :: code = VERIFYSMS_INTERNAL
        integer :: reached = VERIFYSMS_REACHED_UNKNOWN
        integer :: reason = 0
        integer :: status = 0
        integer(c_int64_t) :: timestamp = 0
        character(len=:), allocatable :: to
        character(len=:), allocatable :: unique
        character(len=:), allocatable :: message
    end type

    interface
        type(c_ptr) function c_config_new(key) bind(c, name='verifysms_config_new')
            import :: c_ptr, c_char
            character(kind=c_char), intent(in) :: key(*)
        end function
        integer(c_int) function c_set_sender(config, text) bind(c, name='verifysms_config_set_sender')
            import :: c_ptr, c_char, c_int
            type(c_ptr), value :: config
            character(kind=c_char), intent(in) :: text(*)
        end function
        integer(c_int) function c_set_message(config, text) bind(c, name='verifysms_config_set_message')
            import :: c_ptr, c_char, c_int
            type(c_ptr), value :: config
            character(kind=c_char), intent(in) :: text(*)
        end function
        integer(c_int) function c_set_url(config, text) bind(c, name='verifysms_config_set_url')
            import :: c_ptr, c_char, c_int
            type(c_ptr), value :: config
            character(kind=c_char), intent(in) :: text(*)
        end function
        integer(c_int) function c_set_timeout(config, ms) bind(c, name='verifysms_config_set_timeout_ms')
            import :: c_ptr, c_int
            type(c_ptr), value :: config
            integer(c_int), value :: ms
        end function
        type(c_ptr) function c_config_error(config) bind(c, name='verifysms_config_error')
            import :: c_ptr
            type(c_ptr), value :: config
        end function
        subroutine c_config_free(config) bind(c, name='verifysms_config_free')
            import :: c_ptr
            type(c_ptr), value :: config
        end subroutine
        type(c_ptr) function c_client_new(config) bind(c, name='verifysms_client_new')
            import :: c_ptr
            type(c_ptr), value :: config
        end function
        subroutine c_client_free(client) bind(c, name='verifysms_client_free')
            import :: c_ptr
            type(c_ptr), value :: client
        end subroutine
        type(c_ptr) function c_connect(client) bind(c, name='verifysms_client_connect')
            import :: c_ptr
            type(c_ptr), value :: client
        end function
        type(c_ptr) function c_send(client, to) bind(c, name='verifysms_send')
            import :: c_ptr, c_char
            type(c_ptr), value :: client
            character(kind=c_char), intent(in) :: to(*)
        end function
        type(c_ptr) function c_check(client, to, typed) bind(c, name='verifysms_check')
            import :: c_ptr, c_char
            type(c_ptr), value :: client
            character(kind=c_char), intent(in) :: to(*), typed(*)
        end function
        integer(c_int) function c_code(result) bind(c, name='verifysms_result_code')
            import :: c_ptr, c_int
            type(c_ptr), value :: result
        end function
        integer(c_int) function c_reached(result) bind(c, name='verifysms_result_reached')
            import :: c_ptr, c_int
            type(c_ptr), value :: result
        end function
        integer(c_int) function c_reason(result) bind(c, name='verifysms_result_reason')
            import :: c_ptr, c_int
            type(c_ptr), value :: result
        end function
        integer(c_int) function c_status(result) bind(c, name='verifysms_result_status')
            import :: c_ptr, c_int
            type(c_ptr), value :: result
        end function
        integer(c_int64_t) function c_timestamp(result) bind(c, name='verifysms_result_timestamp')
            import :: c_ptr, c_int64_t
            type(c_ptr), value :: result
        end function
        type(c_ptr) function c_to(result) bind(c, name='verifysms_result_to')
            import :: c_ptr
            type(c_ptr), value :: result
        end function
        type(c_ptr) function c_unique(result) bind(c, name='verifysms_result_unique')
            import :: c_ptr
            type(c_ptr), value :: result
        end function
        type(c_ptr) function c_message(result) bind(c, name='verifysms_result_message')
            import :: c_ptr
            type(c_ptr), value :: result
        end function
        subroutine c_result_free(result) bind(c, name='verifysms_result_free')
            import :: c_ptr
            type(c_ptr), value :: result
        end subroutine
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

contains

    ! A client. Settings that are left out, or blank, have the library's defaults. The outcome says whether one was refused.
    subroutine verifysms_open(client, outcome, api_key, sender, message, url, timeout_ms)
        type(verifysms_client), intent(out) :: client
        type(verifysms_outcome), intent(out) :: outcome
        character(len=*), intent(in) :: api_key
        character(len=*), intent(in), optional :: sender, message, url
        integer, intent(in), optional :: timeout_ms
        type(c_ptr) :: config
        integer(c_int) :: ignored

        config = c_config_new(c_text(api_key))
        if (given(sender)) ignored = c_set_sender(config, c_text(sender))
        if (given(message)) ignored = c_set_message(config, c_text(message))
        if (given(url)) ignored = c_set_url(config, c_text(url))
        if (present(timeout_ms)) ignored = c_set_timeout(config, int(timeout_ms, c_int))
        client%handle = c_client_new(config)
        outcome%code = merge(VERIFYSMS_OK, VERIFYSMS_INVALID_ARGUMENT, c_associated(client%handle))
        outcome%reached = VERIFYSMS_REACHED_NO
        outcome%to = ''
        outcome%unique = ''
        outcome%message = fortran_text(c_config_error(config))
        call c_config_free(config)
    end subroutine

    ! Opens a connection ahead of the next call: when somebody is about to type a number.
    function verifysms_connect_ahead(client) result(outcome)
        type(verifysms_client), intent(in) :: client
        type(verifysms_outcome) :: outcome
        outcome = read_result(c_connect(client%handle))
    end function

    ! Sends a code to a phone number by SMS.
    function verifysms_send(client, to) result(outcome)
        type(verifysms_client), intent(in) :: client
        character(len=*), intent(in) :: to
        type(verifysms_outcome) :: outcome
        outcome = read_result(c_send(client%handle, c_text(to)))
    end function

    ! Checks the code that a person typed.
    function verifysms_check(client, to, typed) result(outcome)
        type(verifysms_client), intent(in) :: client
        character(len=*), intent(in) :: to, typed
        type(verifysms_outcome) :: outcome
        outcome = read_result(c_check(client%handle, c_text(to), c_text(typed)))
        outcome%verified = outcome%code == VERIFYSMS_OK .and. outcome%status == 1
    end function

    subroutine verifysms_close(client)
        type(verifysms_client), intent(inout) :: client
        call c_client_free(client%handle)
        client%handle = c_null_ptr
    end subroutine

    ! The version of the loaded library.
    function verifysms_release() result(text)
        character(len=:), allocatable :: text
        text = fortran_text(c_version())
    end function

    function read_result(handle) result(outcome)
        type(c_ptr), intent(in) :: handle
        type(verifysms_outcome) :: outcome
        outcome%code = c_code(handle)
        outcome%reached = c_reached(handle)
        outcome%reason = c_reason(handle)
        outcome%status = c_status(handle)
        outcome%timestamp = c_timestamp(handle)
        outcome%to = fortran_text(c_to(handle))
        outcome%unique = fortran_text(c_unique(handle))
        outcome%message = fortran_text(c_message(handle))
        call c_result_free(handle)
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
