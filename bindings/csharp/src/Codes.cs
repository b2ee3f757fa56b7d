namespace VerifySms
{
    /// <summary>How a call ended.</summary>
    public enum ErrorCode
    {
        /// <summary>An argument is invalid. Nothing was sent; the message names the argument and the
        /// rule.</summary>
        InvalidArgument = 1, // INVALID_ARGUMENT
        /// <summary>A wrong code. No exception has it.</summary>
        NotVerified = 2, // NOT_VERIFIED
        /// <summary>The service said FAIL; see Answer.Reason.</summary>
        Rejected = 3, // REJECTED
        /// <summary>No connection: DNS, TCP or proxy.</summary>
        Connect = 4, // CONNECT
        /// <summary>The TLS handshake or the certificate.</summary>
        Tls = 5, // TLS
        /// <summary>The deadline passed.</summary>
        Timeout = 6, // TIMEOUT
        /// <summary>The connection was reset or closed after a part of the request was sent.</summary>
        ConnectionLost = 7, // CONNECTION_LOST
        /// <summary>An HTTP answer that is not the service's: a proxy's page, a 5xx, a redirect.</summary>
        HttpStatus = 8, // HTTP_STATUS
        /// <summary>The answer was not understood, was too large, was about another number, or may belong to
        /// another call.</summary>
        BadReply = 9, // BAD_REPLY
        /// <summary>Client.Cancel(), or an interrupted wait.</summary>
        Cancelled = 10, // CANCELLED
        /// <summary>A defect of the library, kept from the program; or no memory, which the message then
        /// says.</summary>
        Internal = 11, // INTERNAL
        /// <summary>A limit of the guard is reached; see Answer.Limit and Answer.RetryAfter. Nothing was
        /// sent.</summary>
        Limited = 12, // LIMITED
        /// <summary>The store of the guard cannot be asked, and GuardFailure.Refuse is set. Nothing was
        /// sent.</summary>
        GuardDown = 13, // GUARD_DOWN
    }

    /// <summary>Whether a request got to the service.</summary>
    public enum Reached
    {
        /// <summary>Nobody has read a byte of the request: the call may be repeated.</summary>
        No = 0, // REACHED_NO
        /// <summary>The service answered; the answer decides.</summary>
        Yes = 1, // REACHED_YES
        /// <summary>Bytes were sent, and no usable answer came back: the SMS may be out, the code may be used
        /// up.</summary>
        Unknown = 2, // REACHED_UNKNOWN
    }

    /// <summary>Whose certificate authorities a client trusts if it has no file of them.</summary>
    public enum Trust
    {
        /// <summary>Trust the certificate authorities of the operating system.</summary>
        System = 0, // TRUST_SYSTEM
        /// <summary>Trust Mozilla's certificate authorities, as of the library's release.</summary>
        Bundled = 1, // TRUST_BUNDLED
    }

    /// <summary>The weight of a log record, as syslog has it.</summary>
    public enum LogLevel
    {
        /// <summary>A log record for an operator: what the guard cannot do, and what it does instead.</summary>
        Warning = 4, // LOG_WARNING
        /// <summary>A log record of a call: its outcome.</summary>
        Info = 6, // LOG_INFO
        /// <summary>A log record of one attempt to reach the service.</summary>
        Debug = 7, // LOG_DEBUG
    }

    /// <summary>What happened in a call.</summary>
    public enum EventKind
    {
        /// <summary>The event of a call that is neither a send nor a check: a connect, a delivery, or the
        /// guard's.</summary>
        Other = 0, // EVENT_OTHER
        /// <summary>The event of a send: the service accepted the message.</summary>
        Sent = 1, // EVENT_SENT
        /// <summary>The event of a check: the service looked at the code, and the number is not verified.</summary>
        Checked = 2, // EVENT_CHECKED
        /// <summary>The event of a check: the service looked at the code, and the number is verified.</summary>
        Verified = 3, // EVENT_VERIFIED
        /// <summary>The event of a send or a check that the service refused.</summary>
        Refused = 4, // EVENT_REFUSED
        /// <summary>The event of a send or a check of which nobody can tell: the SMS may be out, the code may be
        /// used up.</summary>
        Unknown = 5, // EVENT_UNKNOWN
        /// <summary>The event of a send or a check that a limit of the guard refused. Nothing was sent.</summary>
        Limited = 6, // EVENT_LIMITED
        /// <summary>The event of a send or a check that sent nothing for another reason: an invalid argument, no
        /// connection, the deadline, a guard whose store is down.</summary>
        Failed = 7, // EVENT_FAILED
    }

    /// <summary>What happens while the guard's store cannot be asked.</summary>
    public enum GuardFailure
    {
        /// <summary>While the store of the guard cannot be asked, the same limits hold in the memory of this
        /// process.</summary>
        Local = 0, // GUARD_LOCAL
        /// <summary>While the store of the guard cannot be asked, calls end as GuardDownException.</summary>
        Refuse = 1, // GUARD_REFUSE
        /// <summary>While the store of the guard cannot be asked, nothing is limited.</summary>
        Allow = 2, // GUARD_ALLOW
    }

    /// <summary>A limit of the guard.</summary>
    public enum Limit
    {
        /// <summary>None.</summary>
        None = 0,
        /// <summary>The pause between two sends to a number: 30, 40, 60, 90 and then 120 s, by the sends of the
        /// last 10 minutes.</summary>
        Cooldown = 1, // LIMIT_COOLDOWN
        /// <summary>Sends to a number: 5 in 10 minutes.</summary>
        SendsNumber = 2, // LIMIT_SENDS_NUMBER
        /// <summary>Sends to a number that were not verified: 10 in 24 hours.</summary>
        SendsNumberDay = 3, // LIMIT_SENDS_NUMBER_DAY
        /// <summary>Sends of an end user that were not verified: 10 an hour.</summary>
        SendsUser = 4, // LIMIT_SENDS_USER
        /// <summary>Sends that were not verified to a range, the numbers that differ in their last four digits
        /// alone. Off unless set; 20 an hour is good for a public sign-up page.</summary>
        SendsRange = 5, // LIMIT_SENDS_RANGE
        /// <summary>All sends of the program. Off unless set.</summary>
        SendsApp = 6, // LIMIT_SENDS_APP
        /// <summary>Wrong codes for a number since its last send: 5 in 10 minutes for the end user who asked for
        /// the code, and 5 for all others together.</summary>
        Tries = 7, // LIMIT_TRIES
        /// <summary>Wrong codes for a number: 20 in 24 hours for the end user who asked, and for all others
        /// together.</summary>
        FailuresNumber = 8, // LIMIT_FAILURES_NUMBER
        /// <summary>Wrong codes of an end user, for any number: 30 an hour.</summary>
        FailuresUser = 9, // LIMIT_FAILURES_USER
    }

    /// <summary>The kind of a phone number: a hint, as numbers are ported.</summary>
    public enum PhoneKind
    {
        /// <summary>A phone number in a range that no public table allocates, or no number.</summary>
        Unknown = 0, // PHONE_UNKNOWN
        /// <summary>A mobile phone: 050 to 056, 058 and 059.</summary>
        Mobile = 1, // PHONE_MOBILE
        /// <summary>A landline: 02, 03, 04, 08 and 09. Few can receive messages.</summary>
        Landline = 2, // PHONE_LANDLINE
        /// <summary>Telephony over the internet: 072 to 074 and 076 to 079. Few can receive messages.</summary>
        Voip = 3, // PHONE_VOIP
        /// <summary>A mobile phone of a "kosher" plan, which cannot receive messages: 050-41, 052-71 and
        /// 052-76.</summary>
        Kosher = 4, // PHONE_KOSHER
    }

    /// <summary>What became of a message.</summary>
    public enum DeliveryState
    {
        /// <summary>The service reports a code that this library does not know.</summary>
        Unknown = 0, // DELIVERY_UNKNOWN
        /// <summary>There is no report: not yet, no more (the service keeps it for a week), or no message has this
        /// id.</summary>
        Pending = 1, // DELIVERY_PENDING
        /// <summary>The phone has the message.</summary>
        Delivered = 2, // DELIVERY_DELIVERED
        /// <summary>The phone did not get it: it is off, out of reach, or its operator did not deliver.</summary>
        Failed = 3, // DELIVERY_FAILED
        /// <summary>The phone must not get it: a kosher number, a person who opted out, a message that is not
        /// allowed.</summary>
        Blocked = 4, // DELIVERY_BLOCKED
        /// <summary>It was tried several times, until the time was over.</summary>
        Expired = 5, // DELIVERY_EXPIRED
    }

    /// <summary>What to do about a message.</summary>
    public enum NextStep
    {
        /// <summary>Nothing: the message is there.</summary>
        None = 0, // NEXT_NONE
        /// <summary>Wait, and ask again.</summary>
        Wait = 1, // NEXT_WAIT
        /// <summary>Send again later: the phone may be off.</summary>
        RetryLater = 2, // NEXT_RETRY_LATER
        /// <summary>Ask for another number: this one receives no messages.</summary>
        AnotherNumber = 3, // NEXT_ANOTHER_NUMBER
        /// <summary>The person opted out of messages; only they can undo it, with their operator or the
        /// provider.</summary>
        OptedOut = 4, // NEXT_OPTED_OUT
        /// <summary>The number is outside of Israel.</summary>
        Abroad = 5, // NEXT_ABROAD
        /// <summary>Ask the provider's support.</summary>
        ContactSupport = 6, // NEXT_CONTACT_SUPPORT
    }

    /// <summary>What a message needs.</summary>
    public enum MessageEncoding
    {
        /// <summary>The GSM alphabet: 7 bits a character, 160 septets a message.</summary>
        Gsm7 = 1, // ENCODING_GSM7
        /// <summary>Any character: 16 bits each, 70 units a message.</summary>
        Ucs2 = 2, // ENCODING_UCS2
    }

    /// <summary>What a warning is about.</summary>
    public enum WarningKind
    {
        /// <summary>The text has no ##code##: the service refuses it (reason 10).</summary>
        WithoutCode = 1, // WARNING_WITHOUT_CODE
        /// <summary>The text is longer than one message: each of its parts is billed.</summary>
        SeveralParts = 2, // WARNING_SEVERAL_PARTS
        /// <summary>A character that an ordinary one could replace makes the text take more parts.</summary>
        CostlyCharacter = 3, // WARNING_COSTLY_CHARACTER
        /// <summary>##code## shares its line with right-to-left letters, where phones may show it in another place
        /// (Unicode Standard Annex #9).</summary>
        CodeInRightToLeftLine = 4, // WARNING_CODE_IN_RIGHT_TO_LEFT_LINE
        /// <summary>An invisible mark that changes the direction of text. Old phones show it as a box.</summary>
        DirectionMark = 5, // WARNING_DIRECTION_MARK
        /// <summary>A browser is to fill the code in, but the text has no line for it.</summary>
        WebotpMissing = 6, // WARNING_WEBOTP_MISSING
        /// <summary>The line for browsers is not the last one, or a line break follows it.</summary>
        WebotpNotLast = 7, // WARNING_WEBOTP_NOT_LAST
        /// <summary>The line for browsers is not @host ###code##, with one space and nothing else.</summary>
        WebotpForm = 8, // WARNING_WEBOTP_FORM
        /// <summary>The host in the line for browsers has other characters than ASCII letters, digits, dots and
        /// hyphens.</summary>
        WebotpHost = 9, // WARNING_WEBOTP_HOST
        /// <summary>The line for browsers names another site.</summary>
        WebotpOrigin = 10, // WARNING_WEBOTP_ORIGIN
        /// <summary>The text has an app's hash, but is longer than the 140 bytes that Android's SMS Retriever
        /// accepts.</summary>
        RetrieverLength = 11, // WARNING_RETRIEVER_LENGTH
        /// <summary>The text has a link. Filters against fraud hold such messages back.</summary>
        Link = 12, // WARNING_LINK
        /// <summary>The text has another number, which phones may offer as the code.</summary>
        OtherNumber = 13, // WARNING_OTHER_NUMBER
        /// <summary>The sender breaks a rule: it is refused.</summary>
        SenderInvalid = 14, // WARNING_SENDER_INVALID
        /// <summary>The sender has other characters than ASCII letters, digits and spaces. Networks may replace
        /// it.</summary>
        SenderCharacters = 15, // WARNING_SENDER_CHARACTERS
        /// <summary>The sender is a number: the service refuses one that 99 digital has not approved (reason
        /// 3).</summary>
        SenderNumber = 16, // WARNING_SENDER_NUMBER
    }
}
