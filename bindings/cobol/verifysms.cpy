      *> The area of CALL "VERIFYSMS". INITIALIZE it first. Texts are
      *> padded with spaces; an empty one means the default. The numbers
      *> are those of verifysms.h.
       01  VERIFYSMS-AREA.
      *> OPEN, CONNECT, SEND, CHECK, FORGET, SHOW (the guard's limits,
      *> in VERIFYSMS-MESSAGE), PHONE (what VERIFYSMS-TO is), INSPECT
      *> (what VERIFYSMS-SEND-TEMPLATE costs; neither needs an OPEN),
      *> DELIVERY (what became of a message) or CLOSE. The call
      *> overwrites it
      *> with its outcome: an action that is still here was not done.
      *> Set it before each call.
           05  VERIFYSMS-ACTION            PIC X(9).
               88  VERIFYSMS-OPENED         VALUE "OPENED".
               88  VERIFYSMS-CONNECTED      VALUE "CONNECTED".
               88  VERIFYSMS-ACCEPTED       VALUE "ACCEPTED".
               88  VERIFYSMS-VERIFIED       VALUE "VERIFIED".
               88  VERIFYSMS-FORGOTTEN      VALUE "FORGOTTEN".
               88  VERIFYSMS-SHOWN          VALUE "SHOWN".
               88  VERIFYSMS-REPORTED       VALUE "REPORTED".
               88  VERIFYSMS-INSPECTED      VALUE "INSPECTED".
               88  VERIFYSMS-NUMBER         VALUE "NUMBER".
               88  VERIFYSMS-CLOSED         VALUE "CLOSED".
               88  VERIFYSMS-FAILED         VALUE "FAILED".
      *> Read by OPEN.
           05  VERIFYSMS-API-KEY           PIC X(256).
           05  VERIFYSMS-SENDER            PIC X(44).
           05  VERIFYSMS-TEMPLATE          PIC X(1000).
           05  VERIFYSMS-URL               PIC X(256).
           05  VERIFYSMS-DELIVERY-URL      PIC X(256).
           05  VERIFYSMS-PROXY             PIC X(256).
      *> No proxy, whatever the environment says.
           05  VERIFYSMS-PROXY-USE         PIC X.
               88  VERIFYSMS-NO-PROXY       VALUE "N".
           05  VERIFYSMS-CA-FILE           PIC X(1000).
           05  VERIFYSMS-TRUST             PIC S9(9) COMP-5.
               88  VERIFYSMS-TRUST-SYSTEM         VALUE 0.
               88  VERIFYSMS-TRUST-BUNDLED        VALUE 1.
           05  VERIFYSMS-HTTP-USE          PIC X.
               88  VERIFYSMS-ALLOW-HTTP     VALUE "Y".
           05  VERIFYSMS-TIMEOUT-MS        PIC S9(9) COMP-5.
           05  VERIFYSMS-CONNECT-TIMEOUT-MS PIC S9(9) COMP-5.
      *> The guard's store; its limits, by their numbers below: at most
      *> so many in so many seconds, 0 seconds keep the default.
           05  VERIFYSMS-GUARD             PIC X(1000).
           05  VERIFYSMS-GUARD-USE         PIC X.
               88  VERIFYSMS-NO-GUARD       VALUE "N".
           05  VERIFYSMS-GUARD-SECRET      PIC X(256).
           05  VERIFYSMS-GUARD-NAMESPACE   PIC X(64).
           05  VERIFYSMS-GUARD-TIMEOUT-MS  PIC S9(9) COMP-5.
           05  VERIFYSMS-GUARD-FAILURE     PIC S9(9) COMP-5.
               88  VERIFYSMS-GUARD-LOCAL          VALUE 0.
               88  VERIFYSMS-GUARD-REFUSE         VALUE 1.
               88  VERIFYSMS-GUARD-ALLOW          VALUE 2.
           05  VERIFYSMS-RATE              OCCURS 9.
               10  VERIFYSMS-MOST          PIC S9(9) COMP-5.
               10  VERIFYSMS-SECONDS       PIC S9(9) COMP-5.
      *> Read by SEND and CHECK: who asks, whom the guard counts.
           05  VERIFYSMS-END-USER          PIC X(256).
      *> In place of the deadline of OPEN.
           05  VERIFYSMS-CALL-TIMEOUT-MS   PIC S9(9) COMP-5.
      *> Read by SEND, in place of the sender and template of OPEN; and
      *> by INSPECT.
           05  VERIFYSMS-SEND-SENDER       PIC X(44).
           05  VERIFYSMS-SEND-TEMPLATE     PIC X(1000).
      *> Read by SEND, which adds their lines to the template, and the
      *> first by INSPECT: the host of the page on which a browser may
      *> fill the code in, and the hash of such an Android app.
           05  VERIFYSMS-ORIGIN            PIC X(256).
           05  VERIFYSMS-APP-HASH          PIC X(16).
      *> Read by INSPECT: the digits of the code (0: 8).
           05  VERIFYSMS-DIGITS            PIC S9(9) COMP-5.
      *> Read by SEND, CHECK, FORGET, SHOW and PHONE, the code by CHECK.
           05  VERIFYSMS-TO                PIC X(40).
           05  VERIFYSMS-TYPED             PIC X(64).
      *> Read by DELIVERY: the VERIFYSMS-MESSAGE-ID of its SEND.
           05  VERIFYSMS-DELIVERY-OF       PIC X(64).
      *> Set by every action. 0 has no name: it is no failure, and also
      *> the value after INITIALIZE.
           05  VERIFYSMS-CODE              PIC S9(9) COMP-5.
               88  VERIFYSMS-INVALID-ARGUMENT     VALUE 1.
               88  VERIFYSMS-NOT-VERIFIED         VALUE 2.
               88  VERIFYSMS-REJECTED             VALUE 3.
               88  VERIFYSMS-CONNECT              VALUE 4.
               88  VERIFYSMS-TLS                  VALUE 5.
               88  VERIFYSMS-TIMEOUT              VALUE 6.
               88  VERIFYSMS-CONNECTION-LOST      VALUE 7.
               88  VERIFYSMS-HTTP-STATUS          VALUE 8.
               88  VERIFYSMS-BAD-REPLY            VALUE 9.
               88  VERIFYSMS-CANCELLED            VALUE 10.
               88  VERIFYSMS-INTERNAL             VALUE 11.
               88  VERIFYSMS-LIMITED              VALUE 12.
               88  VERIFYSMS-GUARD-DOWN           VALUE 13.
           05  VERIFYSMS-REACHED           PIC S9(9) COMP-5.
               88  VERIFYSMS-REACHED-NO           VALUE 0.
               88  VERIFYSMS-REACHED-YES          VALUE 1.
               88  VERIFYSMS-REACHED-UNKNOWN      VALUE 2.
      *> The rule that a setting or a number breaks, and its name.
           05  VERIFYSMS-RULE              PIC S9(9) COMP-5.
           05  VERIFYSMS-RULE-NAME         PIC X(32).
           05  VERIFYSMS-REASON            PIC S9(9) COMP-5.
           05  VERIFYSMS-STATUS            PIC S9(9) COMP-5.
           05  VERIFYSMS-HTTP-STATUS-CODE  PIC S9(9) COMP-5.
           05  VERIFYSMS-LIMIT             PIC S9(9) COMP-5.
               88  VERIFYSMS-LIMIT-COOLDOWN           VALUE 1.
               88  VERIFYSMS-LIMIT-SENDS-NUMBER       VALUE 2.
               88  VERIFYSMS-LIMIT-SENDS-NUMBER-DAY   VALUE 3.
               88  VERIFYSMS-LIMIT-SENDS-USER         VALUE 4.
               88  VERIFYSMS-LIMIT-SENDS-RANGE        VALUE 5.
               88  VERIFYSMS-LIMIT-SENDS-APP          VALUE 6.
               88  VERIFYSMS-LIMIT-TRIES              VALUE 7.
               88  VERIFYSMS-LIMIT-FAILURES-NUMBER    VALUE 8.
               88  VERIFYSMS-LIMIT-FAILURES-USER      VALUE 9.
           05  VERIFYSMS-LIMIT-NAME        PIC X(32).
           05  VERIFYSMS-RETRY-AFTER       PIC S9(9) COMP-5.
           05  VERIFYSMS-TRIES-LEFT        PIC S9(9) COMP-5.
           05  VERIFYSMS-SENT-AT           PIC S9(18) COMP-5.
           05  VERIFYSMS-MESSAGE-ID        PIC X(32).
           05  VERIFYSMS-USED-SENDER       PIC X(44).
           05  VERIFYSMS-LOCAL-NUMBER      PIC X(10).
           05  VERIFYSMS-MESSAGE           PIC X(512).
      *> Set by PHONE: +972501234567, and a hint what it is.
           05  VERIFYSMS-E164              PIC X(16).
           05  VERIFYSMS-PHONE-KIND        PIC S9(9) COMP-5.
               88  VERIFYSMS-PHONE-UNKNOWN        VALUE 0.
               88  VERIFYSMS-PHONE-MOBILE         VALUE 1.
               88  VERIFYSMS-PHONE-LANDLINE       VALUE 2.
               88  VERIFYSMS-PHONE-VOIP           VALUE 3.
               88  VERIFYSMS-PHONE-KOSHER         VALUE 4.
      *> Set by INSPECT: what the message costs, and what is wrong with
      *> it, where (-1: all of it), in words.
           05  VERIFYSMS-ENCODING          PIC S9(9) COMP-5.
               88  VERIFYSMS-ENCODING-GSM7 VALUE 1.
               88  VERIFYSMS-ENCODING-UCS2 VALUE 2.
           05  VERIFYSMS-UNITS             PIC S9(9) COMP-5.
           05  VERIFYSMS-PARTS             PIC S9(9) COMP-5.
           05  VERIFYSMS-WARNINGS          PIC S9(9) COMP-5.
           05  VERIFYSMS-WARNING           OCCURS 32.
               10  VERIFYSMS-WARNING-KIND  PIC S9(9) COMP-5.
               88  VERIFYSMS-WARNING-WITHOUT-CODE VALUE 1.
               88  VERIFYSMS-WARNING-SEVERAL-PARTS VALUE 2.
               88  VERIFYSMS-WARNING-COSTLY-CHARACTER VALUE 3.
               88  VERIFYSMS-WARNING-CODE-IN-RIGHT-TO-LEFT-LINE VALUE 4.
               88  VERIFYSMS-WARNING-DIRECTION-MARK VALUE 5.
               88  VERIFYSMS-WARNING-WEBOTP-MISSING VALUE 6.
               88  VERIFYSMS-WARNING-WEBOTP-NOT-LAST VALUE 7.
               88  VERIFYSMS-WARNING-WEBOTP-FORM VALUE 8.
               88  VERIFYSMS-WARNING-WEBOTP-HOST VALUE 9.
               88  VERIFYSMS-WARNING-WEBOTP-ORIGIN VALUE 10.
               88  VERIFYSMS-WARNING-RETRIEVER-LENGTH VALUE 11.
               88  VERIFYSMS-WARNING-LINK VALUE 12.
               88  VERIFYSMS-WARNING-OTHER-NUMBER VALUE 13.
               88  VERIFYSMS-WARNING-SENDER-INVALID VALUE 14.
               88  VERIFYSMS-WARNING-SENDER-CHARACTERS VALUE 15.
               88  VERIFYSMS-WARNING-SENDER-NUMBER VALUE 16.
               10  VERIFYSMS-WARNING-AT    PIC S9(9) COMP-5.
               10  VERIFYSMS-WARNING-TEXT  PIC X(256).
      *> Set by DELIVERY: what became of the message, what to do, and
      *> the provider's own code, words, date and operator.
           05  VERIFYSMS-DELIVERY-STATE PIC S9(9) COMP-5.
               88  VERIFYSMS-DELIVERY-UNKNOWN        VALUE 0.
               88  VERIFYSMS-DELIVERY-PENDING        VALUE 1.
               88  VERIFYSMS-DELIVERY-DELIVERED      VALUE 2.
               88  VERIFYSMS-DELIVERY-FAILED         VALUE 3.
               88  VERIFYSMS-DELIVERY-BLOCKED        VALUE 4.
               88  VERIFYSMS-DELIVERY-EXPIRED        VALUE 5.
           05  VERIFYSMS-DELIVERY-NEXT  PIC S9(9) COMP-5.
               88  VERIFYSMS-NEXT-NONE               VALUE 0.
               88  VERIFYSMS-NEXT-WAIT               VALUE 1.
               88  VERIFYSMS-NEXT-RETRY-LATER        VALUE 2.
               88  VERIFYSMS-NEXT-ANOTHER-NUMBER     VALUE 3.
               88  VERIFYSMS-NEXT-OPTED-OUT          VALUE 4.
               88  VERIFYSMS-NEXT-ABROAD             VALUE 5.
               88  VERIFYSMS-NEXT-CONTACT-SUPPORT    VALUE 6.
           05  VERIFYSMS-DELIVERY-CODE  PIC S9(9) COMP-5.
               88  VERIFYSMS-DELIVERY-CODE-NONE
                   VALUE -2147483647.
           05  VERIFYSMS-DELIVERY-HEBREW PIC X(256).
           05  VERIFYSMS-DELIVERY-ENGLISH PIC X(256).
           05  VERIFYSMS-DELIVERY-DATE  PIC X(32).
           05  VERIFYSMS-DELIVERY-OPERATOR PIC X(64).
      *> For the person who signs up, in Hebrew and in English: what
      *> came of the call, and when a new code can be asked for.
           05  VERIFYSMS-USER-TEXT-HE      PIC X(512).
           05  VERIFYSMS-USER-TEXT-EN      PIC X(512).
           05  VERIFYSMS-WAIT-TEXT-HE      PIC X(256).
           05  VERIFYSMS-WAIT-TEXT-EN      PIC X(256).
           05  VERIFYSMS-VERSION           PIC X(16).
      *> Belongs to VERIFYSMS from OPEN to CLOSE.
           05  VERIFYSMS-CLIENT            USAGE POINTER.
