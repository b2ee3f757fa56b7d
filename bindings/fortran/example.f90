! example NUMBER has a code texted, example NUMBER CODE checks it. The exit status is the library's
! code: 0 only if sent, or verified. Reads VERIFYSMS_API_KEY, VERIFYSMS_SENDER and VERIFYSMS_URL.
program example
    use verifysms
    implicit none
    character(len=256) :: key, sender, url
    character(len=64) :: number, typed
    type(verifysms_client) :: client
    type(verifysms_outcome) :: outcome

    call get_environment_variable('VERIFYSMS_API_KEY', key)
    call get_environment_variable('VERIFYSMS_SENDER', sender)
    call get_environment_variable('VERIFYSMS_URL', url)
    call get_command_argument(1, number)
    call get_command_argument(2, typed)

    call verifysms_open(client, outcome, api_key=key, sender=sender, url=url)
    if (outcome%code == VERIFYSMS_OK) then
        if (typed == '') then
            outcome = verifysms_send(client, number)
        else
            outcome = verifysms_check(client, number, typed)
        end if
    end if
    call verifysms_close(client)

    print '(2a)', 'verifysms ', verifysms_release()
    print '(a, i0, a, i0, 2a)', 'code ', outcome%code, ', reached ', outcome%reached, ': ', outcome%message
    select case (outcome%code)
    case (VERIFYSMS_OK)
        if (typed /= '') print '(a)', 'the number is theirs'
        if (typed == '') print '(3a, i0)', 'message ', outcome%unique, ' at ', outcome%timestamp
    case (VERIFYSMS_NOT_VERIFIED)
        print '(a)', 'let the person type again'
    case default
        if (outcome%reached == VERIFYSMS_REACHED_UNKNOWN) print '(a)', 'it may have arrived: do not repeat it'
    end select
    ! Fortran 2018; before it STOP takes no variable, and most compilers have call exit(code).
    stop outcome%code, quiet=.true.
end program
