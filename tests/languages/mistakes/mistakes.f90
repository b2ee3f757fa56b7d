! What people write by mistake in Fortran, with a wrong code.
program mistakes
    use verifysms
    implicit none
    character(len=256) :: key, url
    character(len=64) :: number, right, wrong
    type(verifysms_client) :: client, nowhere
    type(verifysms_outcome) :: untouched, outcome
    type(verifysms_outcome), allocatable :: many(:)
    logical :: verified
    integer :: i

    call get_environment_variable('VERIFYSMS_API_KEY', key)
    call get_environment_variable('VERIFYSMS_URL', url)
    call get_environment_variable('NUMBER', number)
    call attempt('an outcome that no call has set', untouched%verified .or. untouched%code == VERIFYSMS_OK)
    allocate (many(2))
    call attempt('such outcomes in an array', any(many%verified) .or. any(many%code == VERIFYSMS_OK))
    outcome = verifysms_check(client, number, '123456')
    call attempt('a client that was not opened', outcome%verified .or. outcome%code == VERIFYSMS_OK)
    call verifysms_open(client, outcome, api_key=key, sender='Acme', url=url)
    call attempt('what opening ended with', outcome%verified)
    outcome = verifysms_connect_ahead(client)
    if (outcome%code /= VERIFYSMS_OK) error stop 'not connected'
    call attempt('what connecting ended with', outcome%verified)
    outcome = verifysms_send(client, number)
    call attempt('what sending ended with', outcome%verified)
    outcome = verifysms_delivery(client, outcome%unique)
    if (outcome%code /= VERIFYSMS_OK) error stop 'not reported'
    call attempt('what a delivery ended with', outcome%verified)
    outcome = verifysms_guard_show(client, number)
    if (outcome%code /= VERIFYSMS_OK) error stop 'not shown'
    call attempt('what the guard shows', outcome%verified)
    outcome = verifysms_forget(client, number)
    call attempt('what forgetting ended with', outcome%verified)
    print '(a)', 'code for 0501234567?'
    flush (6)
    read '(a)', right
    wrong = right
    do i = 1, len_trim(right)
        wrong(i:i) = achar(iachar('0') + iachar('9') - iachar(right(i:i)))
    end do
    outcome = verifysms_check(client, number, wrong)
    call attempt('a wrong code', outcome%verified .or. outcome%code == VERIFYSMS_OK)
    outcome = verifysms_check(client, number, right)
    verified = outcome%verified
    call verifysms_open(nowhere, outcome, api_key=key, url='http://127.0.0.1:1/')
    outcome = verifysms_check(nowhere, number, right)
    call attempt('no answer, in the outcome of somebody else', outcome%verified .or. outcome%code == VERIFYSMS_OK)
    call verifysms_close(client)
    outcome = verifysms_check(client, number, right)
    call attempt('a client that was closed', outcome%verified .or. outcome%code == VERIFYSMS_OK)
    call attempt('the right code', verified)

contains

    subroutine attempt(mistake, let_in)
        character(len=*), intent(in) :: mistake
        logical, intent(in) :: let_in
        print '(2a)', merge('in:  ', 'out: ', let_in), mistake
    end subroutine
end program
