! What the library calls.
module called
    use verifysms
    implicit none
    type(verifysms_client) :: client

contains

    subroutine write_line(level, line)
        integer, intent(in) :: level
        character(len=*), intent(in) :: line
        print '(a, i0, 2a)', 'log ', level, ' ', line
    end subroutine

    subroutine count_it(event, code, reached, milliseconds, attempt, reused, limit)
        integer, intent(in) :: event, code, reached, milliseconds, attempt, limit
        logical, intent(in) :: reused
        print '(2a, 6(1x, i0))', 'event ', verifysms_event_name(event), code, reached, milliseconds, attempt, &
            merge(1, 0, reused), limit
    end subroutine

    logical function interrupted()
        if (has('SET_CANCEL')) call verifysms_cancel(client)
        interrupted = has('SET_INTERRUPT')
    end function

    logical function has(name)
        character(len=*), intent(in) :: name
        has = text(name) /= ''
    end function

    function text(name)
        character(len=*), intent(in) :: name
        character(len=1000) :: text
        call get_environment_variable(name, text)
    end function

    integer function number(name)
        character(len=*), intent(in) :: name
        character(len=1000) :: value
        value = text(name)
        read (value, *) number
    end function
end module

! Gives the library what is in SET_..., makes the call ASK with what is in SEND_..., and prints what is known.
program settings
    use verifysms
    use called
    implicit none
    type(verifysms_outcome) :: outcome
    type(verifysms_phone_number) :: number_given
    type(verifysms_inspection) :: found
    integer :: i
    integer, allocatable :: timeout_ms, connect_timeout_ms, trust, guard_timeout_ms, guard_failure, call_timeout_ms
    type(verifysms_limit), allocatable :: limits(:)
    character(len=1000) :: value
    procedure(verifysms_log), pointer :: writes => null()
    procedure(verifysms_event), pointer :: counts => null()
    procedure(verifysms_interrupt), pointer :: asks => null()

    if (has('SET_TIMEOUT_MS')) timeout_ms = number('SET_TIMEOUT_MS')
    if (has('SET_CONNECT_TIMEOUT_MS')) connect_timeout_ms = number('SET_CONNECT_TIMEOUT_MS')
    if (has('SET_TRUST')) trust = number('SET_TRUST')
    if (has('SET_GUARD_TIMEOUT_MS')) guard_timeout_ms = number('SET_GUARD_TIMEOUT_MS')
    if (has('SET_GUARD_FAILURE')) guard_failure = number('SET_GUARD_FAILURE')
    if (has('SEND_TIMEOUT_MS')) call_timeout_ms = number('SEND_TIMEOUT_MS')
    if (has('SET_LIMIT')) then
        allocate (limits(1))
        value = text('SET_LIMIT')
        read (value, *) limits(1)%kind, limits(1)%most, limits(1)%seconds
    end if
    if (has('SET_LOG')) writes => write_line
    if (has('SET_EVENT')) counts => count_it
    if (has('SET_INTERRUPT') .or. has('SET_CANCEL')) asks => interrupted
    ! What is not allocated or not associated is not present.
    call verifysms_open(client, outcome, api_key=text('VERIFYSMS_API_KEY'), sender=text('SET_SENDER'), &
        message=text('SET_MESSAGE'), url=text('SET_URL'), timeout_ms=timeout_ms, connect_timeout_ms=connect_timeout_ms, &
        proxy=text('SET_PROXY'), no_proxy=has('SET_NO_PROXY'), ca_file=text('SET_CA_FILE'), trust=trust, &
        allow_http=has('SET_ALLOW_HTTP'), log=writes, interrupt=asks, guard=text('SET_GUARD'), limits=limits, &
        no_guard=has('SET_NO_GUARD'), &
        guard_secret=text('SET_GUARD_SECRET'), guard_namespace=text('SET_GUARD_NAMESPACE'), &
        guard_timeout_ms=guard_timeout_ms, guard_failure=guard_failure, delivery_url=text('SET_DELIVERY_URL'), &
        event=counts)
    if (outcome%code == VERIFYSMS_OK) then
        select case (text('ASK'))
        case ('check')
            outcome = verifysms_check(client, text('NUMBER'), text('SEND_CODE'), text('SEND_END_USER'), call_timeout_ms)
        case ('show')
            outcome = verifysms_guard_show(client, text('NUMBER'))
        case ('delivery')
            outcome = verifysms_delivery(client, text('SEND_UNIQUE'))
        case ('inspect')
            found = verifysms_inspect(text('SEND_MESSAGE'), text('SEND_SENDER'), digits=6)
            print '(a, i0)', 'encoding=', found%encoding, 'length=', found%length, 'parts=', found%parts
            do i = 1, size(found%warnings)
                print '(a, i0, 1x, i0, 1x, a)', 'warning=', found%warnings(i)%kind, found%warnings(i)%position, &
                    found%warnings(i)%text
            end do
        case ('phone')
            number_given = verifysms_phone(text('NUMBER'))
            outcome%to = number_given%to
            outcome%rule = number_given%rule
            print '(2a)', 'e164=', number_given%e164
            print '(a, i0)', 'kind=', number_given%kind
        case ('forget')
            outcome = verifysms_forget(client, text('NUMBER'))
        case default
            outcome = verifysms_send(client, text('NUMBER'), text('SEND_SENDER'), text('SEND_MESSAGE'), &
                text('SEND_END_USER'), call_timeout_ms, text('SEND_ORIGIN'), text('SEND_APP_HASH'))
        end select
    end if
    print '(a, i0)', 'code=', outcome%code, 'reached=', outcome%reached, 'reason=', outcome%reason, &
        'status=', outcome%status, 'http_status=', outcome%http_status, 'timestamp=', outcome%timestamp, &
        'rule=', outcome%rule, 'limit=', outcome%limit, 'retry_after=', outcome%retry_after, 'tries_left=', outcome%tries_left
    print '(2a)', 'limit_name=', verifysms_limit_name(outcome%limit), 'rule_name=', verifysms_rule_name(outcome%rule), &
        'user_text_he=', outcome%user_text_he, 'user_text_en=', outcome%user_text_en, &
        'wait_text_he=', verifysms_wait_text(outcome%retry_after, 'he'), &
        'wait_text_en=', verifysms_wait_text(outcome%retry_after, 'en')
    print '(a, i0)', 'delivery_state=', outcome%delivery_state, 'delivery_next=', outcome%delivery_next, &
        'delivery_code=', outcome%delivery_code
    print '(2a)', 'delivery_hebrew=', outcome%delivery_hebrew, 'delivery_english=', outcome%delivery_english, &
        'delivery_date=', outcome%delivery_date, 'delivery_operator=', outcome%delivery_operator
    print '(2a)', 'unique=', outcome%unique, 'sender=', outcome%sender, 'to=', outcome%to, 'message=', outcome%message
    call verifysms_close(client)
end program
