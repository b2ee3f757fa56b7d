! example send NUMBER sends a code, example check NUMBER CODE checks it, example connect only opens a
! connection. The exit status is the library's code: 0 only if connected, sent, or verified. Reads
! VERIFYSMS_API_KEY, VERIFYSMS_SENDER, VERIFYSMS_URL and VERIFYSMS_GUARD: file:/path keeps the counts from one run
! to the next.
program example
    use verifysms
    implicit none
    character(len=256) :: key, sender, url, guard
    character(len=64) :: asked, number, typed
    type(verifysms_client) :: client
    type(verifysms_outcome) :: outcome

    call get_environment_variable('VERIFYSMS_API_KEY', key)
    call get_environment_variable('VERIFYSMS_SENDER', sender)
    call get_environment_variable('VERIFYSMS_URL', url)
    call get_environment_variable('VERIFYSMS_GUARD', guard)
    call get_command_argument(1, asked)
    call get_command_argument(2, number)
    call get_command_argument(3, typed)

    call verifysms_open(client, outcome, api_key=key, sender=sender, url=url, guard=guard)
    if (outcome%code == VERIFYSMS_OK) then
        if (asked == 'check') then
            outcome = verifysms_check(client, number, typed)
        else if (asked == 'send') then
            outcome = verifysms_send(client, number)
        else if (asked == 'connect') then
            outcome = verifysms_connect_ahead(client)
        else
            outcome = verifysms_outcome(code=VERIFYSMS_INVALID_ARGUMENT, reached=VERIFYSMS_REACHED_NO, to='', &
                message='send NUMBER, or check NUMBER CODE')
        end if
    end if
    call verifysms_close(client)

    print '(2a)', 'verifysms ', verifysms_release()
    print '(a, i0, a, i0, 4a)', 'code ', outcome%code, ', reached ', outcome%reached, ', number ', outcome%to, ': ', &
        outcome%message
    if (outcome%verified) then
        print '(a)', 'the number is theirs'
    else if (outcome%code == VERIFYSMS_OK .and. asked == 'send') then
        print '(3a, i0)', 'message ', outcome%unique, ' at ', outcome%timestamp
    else if (outcome%code == VERIFYSMS_NOT_VERIFIED) then
        print '(a)', 'let the person type again'
    else if (outcome%code == VERIFYSMS_LIMITED) then
        print '(a, i0, a)', 'wait ', outcome%retry_after, ' s'
    else if (outcome%reached == VERIFYSMS_REACHED_UNKNOWN) then
        print '(a)', 'it may have arrived: do not repeat it'
    end if
    ! STOP takes a variable since Fortran 2018; for older compilers there is mostly call exit(code).
    stop outcome%code, quiet=.true.
end program
