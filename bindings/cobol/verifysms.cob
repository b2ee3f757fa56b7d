      *> CALL "VERIFYSMS" USING VERIFYSMS-AREA: the C library as one
      *> COBOL program. Only it deals with NUL bytes, handles, freeing.
       IDENTIFICATION DIVISION.
       PROGRAM-ID. VERIFYSMS.
       DATA DIVISION.
       WORKING-STORAGE SECTION.
       01  CONFIG                  USAGE POINTER.
       01  RESULT                  USAGE POINTER.
       01  ACTION                  PIC X(9).
       01  TEXT-POINTER            USAGE POINTER.
       01  REQUEST                 USAGE POINTER.
       01  LIMIT-INDEX             PIC S9(9) COMP-5.
      *> The name of a C function, looked up when it is called.
       01  SETTER                  PIC X(40).
       01  GETTER                  PIC X(40).
       01  NUMBER-FIELD            PIC S9(9) COMP-5.
       01  IGNORED                 PIC S9(9) COMP-5.
      *> CALL returns numbers in 32 bits and only pointers in 64. With
      *> -fstatic-call a function's first CALL settles which it is.
       01  WIDE-POINTER            USAGE POINTER.
       01  WIDE REDEFINES WIDE-POINTER PIC S9(18) COMP-5.
       01  FIELD                   PIC X(1000).
       01  C-TEXT                  PIC X(1001).
       01  C-NUMBER                PIC X(41).
       01  C-SENDER                PIC X(45).
       01  C-ORIGIN                PIC X(257).
       01  SENDER-POINTER          USAGE POINTER.
       01  ORIGIN-POINTER          USAGE POINTER.
       01  WARNING-AT              PIC S9(9) COMP-5.
       01  C-CODE                  PIC X(65).
       01  HEBREW                  PIC X(3) VALUE Z"he".
       01  ENGLISH                 PIC X(3) VALUE Z"en".
       LINKAGE SECTION.
       COPY "verifysms.cpy".
       PROCEDURE DIVISION USING VERIFYSMS-AREA.
       MAIN-LINE.
           MOVE VERIFYSMS-ACTION TO ACTION
           SET VERIFYSMS-FAILED TO TRUE
           SET VERIFYSMS-INVALID-ARGUMENT TO TRUE
           SET VERIFYSMS-REACHED-NO TO TRUE
           MOVE 0 TO VERIFYSMS-REASON VERIFYSMS-STATUS VERIFYSMS-SENT-AT
               VERIFYSMS-HTTP-STATUS-CODE VERIFYSMS-LIMIT
               VERIFYSMS-RETRY-AFTER VERIFYSMS-RULE
               VERIFYSMS-PHONE-KIND
           MOVE -1 TO VERIFYSMS-TRIES-LEFT
           MOVE 0 TO VERIFYSMS-ENCODING VERIFYSMS-UNITS
               VERIFYSMS-PARTS VERIFYSMS-WARNINGS
           MOVE 0 TO VERIFYSMS-DELIVERY-STATE VERIFYSMS-DELIVERY-NEXT
           SET VERIFYSMS-DELIVERY-CODE-NONE TO TRUE
           MOVE SPACES TO VERIFYSMS-DELIVERY-HEBREW
               VERIFYSMS-DELIVERY-ENGLISH VERIFYSMS-DELIVERY-DATE
               VERIFYSMS-DELIVERY-OPERATOR
           MOVE SPACES TO VERIFYSMS-LIMIT-NAME VERIFYSMS-RULE-NAME
               VERIFYSMS-E164 VERIFYSMS-USER-TEXT-HE
               VERIFYSMS-USER-TEXT-EN VERIFYSMS-WAIT-TEXT-HE
               VERIFYSMS-WAIT-TEXT-EN
           MOVE SPACES TO VERIFYSMS-MESSAGE-ID VERIFYSMS-MESSAGE
               VERIFYSMS-LOCAL-NUMBER VERIFYSMS-USED-SENDER
      *> Without -fstatic-call the library may be missing at run time.
           CALL "verifysms_version" RETURNING TEXT-POINTER
               ON EXCEPTION
                   SET VERIFYSMS-INTERNAL TO TRUE
                   STRING "libverifysms is not loaded: set COB_PRE_LOAD"
                       " and COB_LIBRARY_PATH, as README.md says under"
                       " 'The library is not found'"
                       DELIMITED BY SIZE INTO VERIFYSMS-MESSAGE
                   GOBACK
           END-CALL
           PERFORM FROM-C
           MOVE C-TEXT TO VERIFYSMS-VERSION
           EVALUATE ACTION
               WHEN "OPEN"  PERFORM OPEN-CLIENT
               WHEN "CONNECT" PERFORM CONNECT-CLIENT
               WHEN "SEND"  PERFORM SEND-CODE
               WHEN "CHECK" PERFORM CHECK-CODE
               WHEN "FORGET" PERFORM FORGET-NUMBER
               WHEN "SHOW"  PERFORM SHOW-GUARD
               WHEN "DELIVERY" PERFORM ASK-DELIVERY
               WHEN "INSPECT" PERFORM INSPECT-MESSAGE
               WHEN "PHONE" PERFORM READ-PHONE
               WHEN "CLOSE" PERFORM CLOSE-CLIENT
               WHEN OTHER
                   STRING "the action is not OPEN, CONNECT, SEND, "
                       "CHECK, FORGET, SHOW, PHONE, INSPECT, DELIVERY"
                       " or CLOSE"
                       DELIMITED BY SIZE
                       INTO VERIFYSMS-MESSAGE
           END-EVALUATE
           MOVE 0 TO RETURN-CODE
           GOBACK.

       OPEN-CLIENT.
           MOVE VERIFYSMS-API-KEY TO FIELD
           PERFORM TO-C
           CALL "verifysms_config_new" USING BY REFERENCE C-TEXT
               RETURNING CONFIG
           MOVE "verifysms_config_set_sender" TO SETTER
           MOVE VERIFYSMS-SENDER TO FIELD PERFORM SET-TEXT
           MOVE "verifysms_config_set_message" TO SETTER
           MOVE VERIFYSMS-TEMPLATE TO FIELD PERFORM SET-TEXT
           MOVE "verifysms_config_set_url" TO SETTER
           MOVE VERIFYSMS-URL TO FIELD PERFORM SET-TEXT
           MOVE "verifysms_config_set_delivery_url" TO SETTER
           MOVE VERIFYSMS-DELIVERY-URL TO FIELD PERFORM SET-TEXT
           MOVE "verifysms_config_set_ca_file" TO SETTER
           MOVE VERIFYSMS-CA-FILE TO FIELD PERFORM SET-TEXT
           MOVE "verifysms_config_set_timeout_ms" TO SETTER
           MOVE VERIFYSMS-TIMEOUT-MS TO NUMBER-FIELD PERFORM SET-NUMBER
           MOVE "verifysms_config_set_connect_timeout_ms" TO SETTER
           MOVE VERIFYSMS-CONNECT-TIMEOUT-MS TO NUMBER-FIELD
           PERFORM SET-NUMBER
           MOVE "verifysms_config_set_trust" TO SETTER
           MOVE VERIFYSMS-TRUST TO NUMBER-FIELD PERFORM SET-NUMBER
           IF VERIFYSMS-ALLOW-HTTP
               MOVE "verifysms_config_set_allow_http" TO SETTER
               MOVE 1 TO NUMBER-FIELD PERFORM SET-NUMBER
           END-IF
           MOVE "verifysms_config_set_proxy" TO SETTER
           MOVE VERIFYSMS-PROXY TO FIELD PERFORM SET-TEXT
           IF VERIFYSMS-NO-PROXY
               MOVE LOW-VALUES TO C-TEXT
               CALL SETTER USING BY VALUE CONFIG
                   BY REFERENCE C-TEXT RETURNING IGNORED
           END-IF
           MOVE "verifysms_config_set_guard" TO SETTER
           MOVE VERIFYSMS-GUARD TO FIELD PERFORM SET-TEXT
           IF VERIFYSMS-NO-GUARD
               SET TEXT-POINTER TO NULL
               CALL SETTER USING BY VALUE CONFIG
                   BY VALUE TEXT-POINTER RETURNING IGNORED
           END-IF
           MOVE "verifysms_config_set_guard_secret" TO SETTER
           MOVE VERIFYSMS-GUARD-SECRET TO FIELD PERFORM SET-TEXT
           MOVE "verifysms_config_set_guard_namespace" TO SETTER
           MOVE VERIFYSMS-GUARD-NAMESPACE TO FIELD PERFORM SET-TEXT
           MOVE "verifysms_config_set_guard_timeout_ms" TO SETTER
           MOVE VERIFYSMS-GUARD-TIMEOUT-MS TO NUMBER-FIELD
           PERFORM SET-NUMBER
           MOVE "verifysms_config_set_guard_failure" TO SETTER
           MOVE VERIFYSMS-GUARD-FAILURE TO NUMBER-FIELD
           PERFORM SET-NUMBER
           PERFORM VARYING LIMIT-INDEX FROM 1 BY 1
                   UNTIL LIMIT-INDEX > 9
               IF VERIFYSMS-SECONDS(LIMIT-INDEX) NOT = 0
                   CALL "verifysms_config_set_limit" USING
                       BY VALUE CONFIG BY VALUE LIMIT-INDEX
                       BY VALUE VERIFYSMS-MOST(LIMIT-INDEX)
                       BY VALUE VERIFYSMS-SECONDS(LIMIT-INDEX)
                       RETURNING IGNORED
               END-IF
           END-PERFORM
           CALL "verifysms_client_new" USING BY VALUE CONFIG
               RETURNING VERIFYSMS-CLIENT
           IF VERIFYSMS-CLIENT NOT = NULL
               MOVE 0 TO VERIFYSMS-CODE
               SET VERIFYSMS-OPENED TO TRUE
           END-IF
           CALL "verifysms_config_error" USING BY VALUE CONFIG
               RETURNING TEXT-POINTER
           PERFORM FROM-C
           MOVE C-TEXT TO VERIFYSMS-MESSAGE
           CALL "verifysms_config_rule" USING BY VALUE CONFIG
               RETURNING NUMBER-FIELD
           PERFORM NAME-RULE
           CALL "verifysms_config_free" USING BY VALUE CONFIG
               RETURNING OMITTED.

       CONNECT-CLIENT.
           CALL "verifysms_client_connect" USING
               BY VALUE VERIFYSMS-CLIENT RETURNING RESULT
           PERFORM READ-RESULT
           IF VERIFYSMS-CODE = 0
               SET VERIFYSMS-CONNECTED TO TRUE
           END-IF.

       SEND-CODE.
           PERFORM MAKE-REQUEST
           MOVE "verifysms_request_set_sender" TO SETTER
           MOVE VERIFYSMS-SEND-SENDER TO FIELD PERFORM REQUEST-TEXT
           MOVE "verifysms_request_set_message" TO SETTER
           MOVE VERIFYSMS-SEND-TEMPLATE TO FIELD PERFORM REQUEST-TEXT
           MOVE "verifysms_request_set_origin" TO SETTER
           MOVE VERIFYSMS-ORIGIN TO FIELD PERFORM REQUEST-TEXT
           MOVE "verifysms_request_set_app_hash" TO SETTER
           MOVE VERIFYSMS-APP-HASH TO FIELD PERFORM REQUEST-TEXT
           CALL "verifysms_send_request" USING BY VALUE VERIFYSMS-CLIENT
               BY VALUE REQUEST RETURNING RESULT
           PERFORM READ-RESULT
           PERFORM SAY-WAIT
           IF VERIFYSMS-CODE = 0
               SET VERIFYSMS-ACCEPTED TO TRUE
           END-IF
           CALL "verifysms_request_free" USING BY VALUE REQUEST
               RETURNING OMITTED.

       CHECK-CODE.
           PERFORM MAKE-REQUEST
           MOVE VERIFYSMS-TYPED TO FIELD
           PERFORM TO-C
           MOVE C-TEXT TO C-CODE
           CALL "verifysms_check_request" USING
               BY VALUE VERIFYSMS-CLIENT BY VALUE REQUEST
               BY REFERENCE C-CODE RETURNING RESULT
           MOVE LOW-VALUES TO C-CODE
           PERFORM READ-RESULT
           IF VERIFYSMS-CODE = 0 AND VERIFYSMS-STATUS = 1
               SET VERIFYSMS-VERIFIED TO TRUE
           END-IF
           CALL "verifysms_request_free" USING BY VALUE REQUEST
               RETURNING OMITTED.

       FORGET-NUMBER.
           MOVE VERIFYSMS-TO TO FIELD
           PERFORM TO-C
           CALL "verifysms_forget" USING BY VALUE VERIFYSMS-CLIENT
               BY REFERENCE C-TEXT RETURNING RESULT
           PERFORM READ-RESULT
           IF VERIFYSMS-CODE = 0
               SET VERIFYSMS-FORGOTTEN TO TRUE
           END-IF.

       SHOW-GUARD.
           MOVE VERIFYSMS-TO TO FIELD
           PERFORM TO-C
           CALL "verifysms_guard_show" USING BY VALUE VERIFYSMS-CLIENT
               BY REFERENCE C-TEXT RETURNING RESULT
           PERFORM READ-RESULT
           IF VERIFYSMS-CODE = 0
               SET VERIFYSMS-SHOWN TO TRUE
           END-IF.

       ASK-DELIVERY.
           MOVE VERIFYSMS-DELIVERY-OF TO FIELD
           PERFORM TO-C
           CALL "verifysms_delivery" USING BY VALUE VERIFYSMS-CLIENT
               BY REFERENCE C-TEXT RETURNING RESULT
           PERFORM READ-RESULT
           IF VERIFYSMS-CODE = 0
               SET VERIFYSMS-REPORTED TO TRUE
           END-IF.

       INSPECT-MESSAGE.
           SET SENDER-POINTER TO NULL
           SET ORIGIN-POINTER TO NULL
           MOVE VERIFYSMS-SEND-SENDER TO FIELD
           PERFORM TO-C
           IF C-TEXT(1:1) NOT = LOW-VALUE
               MOVE C-TEXT TO C-SENDER
               SET SENDER-POINTER TO ADDRESS OF C-SENDER
           END-IF
           MOVE VERIFYSMS-ORIGIN TO FIELD
           PERFORM TO-C
           IF C-TEXT(1:1) NOT = LOW-VALUE
               MOVE C-TEXT TO C-ORIGIN
               SET ORIGIN-POINTER TO ADDRESS OF C-ORIGIN
           END-IF
           MOVE VERIFYSMS-SEND-TEMPLATE TO FIELD
           PERFORM TO-C
           CALL "verifysms_message_inspect" USING BY REFERENCE C-TEXT
               BY VALUE SENDER-POINTER BY VALUE ORIGIN-POINTER
               RETURNING RESULT
           MOVE "verifysms_message_encoding" TO GETTER
           PERFORM GET-NUMBER MOVE NUMBER-FIELD TO VERIFYSMS-ENCODING
           MOVE VERIFYSMS-DIGITS TO NUMBER-FIELD
           IF NUMBER-FIELD = 0 MOVE 8 TO NUMBER-FIELD END-IF
           CALL "verifysms_message_length" USING BY VALUE RESULT
               BY VALUE NUMBER-FIELD RETURNING VERIFYSMS-UNITS
           CALL "verifysms_message_parts" USING BY VALUE RESULT
               BY VALUE NUMBER-FIELD RETURNING VERIFYSMS-PARTS
           MOVE "verifysms_message_warning_count" TO GETTER
           PERFORM GET-NUMBER
           MOVE FUNCTION MIN(NUMBER-FIELD 32) TO VERIFYSMS-WARNINGS
           PERFORM VARYING WARNING-AT FROM 0 BY 1
                   UNTIL WARNING-AT >= VERIFYSMS-WARNINGS
               PERFORM READ-WARNING
           END-PERFORM
           IF VERIFYSMS-ENCODING NOT = 0
               MOVE 0 TO VERIFYSMS-CODE
               SET VERIFYSMS-INSPECTED TO TRUE
           END-IF
           CALL "verifysms_message_free" USING BY VALUE RESULT
               RETURNING OMITTED.

       READ-WARNING.
           CALL "verifysms_message_warning" USING BY VALUE RESULT
               BY VALUE WARNING-AT
               RETURNING VERIFYSMS-WARNING-KIND(WARNING-AT + 1)
           CALL "verifysms_message_warning_position" USING
               BY VALUE RESULT BY VALUE WARNING-AT
               RETURNING VERIFYSMS-WARNING-AT(WARNING-AT + 1)
           CALL "verifysms_message_warning_text" USING BY VALUE RESULT
               BY VALUE WARNING-AT RETURNING TEXT-POINTER
           PERFORM FROM-C
           MOVE C-TEXT TO VERIFYSMS-WARNING-TEXT(WARNING-AT + 1).

       READ-PHONE.
           MOVE VERIFYSMS-TO TO FIELD
           PERFORM TO-C
           CALL "verifysms_phone_kind" USING BY REFERENCE C-TEXT
               RETURNING NUMBER-FIELD
           MOVE NUMBER-FIELD TO VERIFYSMS-PHONE-KIND
           MOVE C-TEXT TO C-NUMBER
           CALL "verifysms_phone_e164" USING BY REFERENCE C-NUMBER
               BY REFERENCE C-TEXT BY VALUE LENGTH OF VERIFYSMS-E164
               RETURNING IGNORED
           PERFORM PAD MOVE C-TEXT TO VERIFYSMS-E164
           CALL "verifysms_phone_normalize" USING
               BY REFERENCE C-NUMBER
               BY REFERENCE C-TEXT BY VALUE LENGTH OF VERIFYSMS-E164
               RETURNING NUMBER-FIELD
           PERFORM PAD MOVE C-TEXT TO VERIFYSMS-LOCAL-NUMBER
           PERFORM NAME-RULE
           IF VERIFYSMS-RULE = 0
               MOVE 0 TO VERIFYSMS-CODE
               SET VERIFYSMS-NUMBER TO TRUE
           END-IF.

      *> The rule in NUMBER-FIELD.
       NAME-RULE.
           MOVE NUMBER-FIELD TO VERIFYSMS-RULE
           CALL "verifysms_rule_name" USING BY VALUE NUMBER-FIELD
               RETURNING TEXT-POINTER
           PERFORM FROM-C MOVE C-TEXT TO VERIFYSMS-RULE-NAME.

      *> What a SEND or a CHECK is about.
       MAKE-REQUEST.
           MOVE VERIFYSMS-TO TO FIELD
           PERFORM TO-C
           CALL "verifysms_request_new" USING BY REFERENCE C-TEXT
               RETURNING REQUEST
           MOVE "verifysms_request_set_end_user" TO SETTER
           MOVE VERIFYSMS-END-USER TO FIELD PERFORM REQUEST-TEXT
           IF VERIFYSMS-CALL-TIMEOUT-MS NOT = 0
               CALL "verifysms_request_set_timeout_ms" USING
                   BY VALUE REQUEST BY VALUE VERIFYSMS-CALL-TIMEOUT-MS
                   RETURNING IGNORED
           END-IF.

       REQUEST-TEXT.
           PERFORM TO-C
           IF C-TEXT(1:1) NOT = LOW-VALUE
               CALL SETTER USING BY VALUE REQUEST
                   BY REFERENCE C-TEXT RETURNING IGNORED
           END-IF.

       CLOSE-CLIENT.
           CALL "verifysms_client_free" USING BY VALUE VERIFYSMS-CLIENT
               RETURNING OMITTED
           SET VERIFYSMS-CLIENT TO NULL
           MOVE 0 TO VERIFYSMS-CODE
           SET VERIFYSMS-CLOSED TO TRUE.

       READ-RESULT.
           MOVE "verifysms_result_code" TO GETTER
           PERFORM GET-NUMBER MOVE NUMBER-FIELD TO VERIFYSMS-CODE
           MOVE "verifysms_result_reached" TO GETTER
           PERFORM GET-NUMBER MOVE NUMBER-FIELD TO VERIFYSMS-REACHED
           MOVE "verifysms_result_rule" TO GETTER
           PERFORM GET-NUMBER PERFORM NAME-RULE
           MOVE "verifysms_result_reason" TO GETTER
           PERFORM GET-NUMBER MOVE NUMBER-FIELD TO VERIFYSMS-REASON
           MOVE "verifysms_result_status" TO GETTER
           PERFORM GET-NUMBER MOVE NUMBER-FIELD TO VERIFYSMS-STATUS
           MOVE "verifysms_result_http_status" TO GETTER
           PERFORM GET-NUMBER
           MOVE NUMBER-FIELD TO VERIFYSMS-HTTP-STATUS-CODE
           MOVE "verifysms_result_limit" TO GETTER
           PERFORM GET-NUMBER MOVE NUMBER-FIELD TO VERIFYSMS-LIMIT
           CALL "verifysms_limit_name" USING BY VALUE NUMBER-FIELD
               RETURNING TEXT-POINTER
           PERFORM FROM-C MOVE C-TEXT TO VERIFYSMS-LIMIT-NAME
           MOVE "verifysms_result_retry_after" TO GETTER
           PERFORM GET-NUMBER MOVE NUMBER-FIELD TO VERIFYSMS-RETRY-AFTER
           MOVE "verifysms_result_tries_left" TO GETTER
           PERFORM GET-NUMBER MOVE NUMBER-FIELD TO VERIFYSMS-TRIES-LEFT
           CALL "verifysms_result_timestamp" USING BY VALUE RESULT
               RETURNING WIDE-POINTER
           MOVE WIDE TO VERIFYSMS-SENT-AT
           MOVE "verifysms_result_unique" TO GETTER
           PERFORM GET-TEXT MOVE C-TEXT TO VERIFYSMS-MESSAGE-ID
           MOVE "verifysms_result_sender" TO GETTER
           PERFORM GET-TEXT MOVE C-TEXT TO VERIFYSMS-USED-SENDER
           MOVE "verifysms_result_to" TO GETTER
           PERFORM GET-TEXT MOVE C-TEXT TO VERIFYSMS-LOCAL-NUMBER
           MOVE "verifysms_result_message" TO GETTER
           PERFORM GET-TEXT MOVE C-TEXT TO VERIFYSMS-MESSAGE
           MOVE "verifysms_result_delivery_state" TO GETTER
           PERFORM GET-NUMBER
           MOVE NUMBER-FIELD TO VERIFYSMS-DELIVERY-STATE
           MOVE "verifysms_result_delivery_next" TO GETTER
           PERFORM GET-NUMBER
           MOVE NUMBER-FIELD TO VERIFYSMS-DELIVERY-NEXT
           MOVE "verifysms_result_delivery_code" TO GETTER
           PERFORM GET-NUMBER
           MOVE NUMBER-FIELD TO VERIFYSMS-DELIVERY-CODE
           MOVE "verifysms_result_delivery_hebrew" TO GETTER
           PERFORM GET-TEXT
           MOVE C-TEXT TO VERIFYSMS-DELIVERY-HEBREW
           MOVE "verifysms_result_delivery_english" TO GETTER
           PERFORM GET-TEXT
           MOVE C-TEXT TO VERIFYSMS-DELIVERY-ENGLISH
           MOVE "verifysms_result_delivery_date" TO GETTER
           PERFORM GET-TEXT
           MOVE C-TEXT TO VERIFYSMS-DELIVERY-DATE
           MOVE "verifysms_result_delivery_operator" TO GETTER
           PERFORM GET-TEXT
           MOVE C-TEXT TO VERIFYSMS-DELIVERY-OPERATOR
           CALL "verifysms_result_user_text" USING BY VALUE RESULT
               BY REFERENCE HEBREW RETURNING TEXT-POINTER
           PERFORM FROM-C MOVE C-TEXT TO VERIFYSMS-USER-TEXT-HE
           CALL "verifysms_result_user_text" USING BY VALUE RESULT
               BY REFERENCE ENGLISH RETURNING TEXT-POINTER
           PERFORM FROM-C MOVE C-TEXT TO VERIFYSMS-USER-TEXT-EN
           CALL "verifysms_result_free" USING BY VALUE RESULT
               RETURNING OMITTED.

      *> When a new code can be asked for.
       SAY-WAIT.
           MOVE VERIFYSMS-RETRY-AFTER TO NUMBER-FIELD
           IF NUMBER-FIELD NOT = 0
               CALL "verifysms_wait_text" USING
                   BY VALUE NUMBER-FIELD BY REFERENCE HEBREW
                   BY REFERENCE C-TEXT BY VALUE 256 RETURNING IGNORED
               PERFORM PAD MOVE C-TEXT TO VERIFYSMS-WAIT-TEXT-HE
               CALL "verifysms_wait_text" USING
                   BY VALUE NUMBER-FIELD BY REFERENCE ENGLISH
                   BY REFERENCE C-TEXT BY VALUE 256 RETURNING IGNORED
               PERFORM PAD MOVE C-TEXT TO VERIFYSMS-WAIT-TEXT-EN
           END-IF.

      *> Settings: blank and 0 keep the default.
       SET-TEXT.
           PERFORM TO-C
           IF C-TEXT(1:1) NOT = LOW-VALUE
               CALL SETTER USING BY VALUE CONFIG
                   BY REFERENCE C-TEXT RETURNING IGNORED
           END-IF.

       SET-NUMBER.
           IF NUMBER-FIELD NOT = 0
               CALL SETTER USING BY VALUE CONFIG
                   BY VALUE NUMBER-FIELD RETURNING IGNORED
           END-IF.

       GET-NUMBER.
           CALL GETTER USING BY VALUE RESULT RETURNING NUMBER-FIELD.

       GET-TEXT.
           CALL GETTER USING BY VALUE RESULT RETURNING TEXT-POINTER
           PERFORM FROM-C.

      *> Moves FIELD without its padding to C-TEXT, with a NUL byte.
       TO-C.
           MOVE LOW-VALUES TO C-TEXT
           IF FIELD NOT = SPACES AND FIELD NOT = LOW-VALUES
               STRING FUNCTION TRIM(FIELD TRAILING) LOW-VALUE
                   DELIMITED BY SIZE INTO C-TEXT
           END-IF.

      *> Moves the text at TEXT-POINTER to C-TEXT, padded with spaces.
       FROM-C.
           MOVE SPACES TO C-TEXT
           CALL "verifysms_copy" USING BY VALUE TEXT-POINTER
               BY REFERENCE C-TEXT BY VALUE LENGTH OF C-TEXT
               RETURNING IGNORED
           INSPECT C-TEXT REPLACING ALL LOW-VALUE BY SPACE.

      *> What C wrote to C-TEXT, up to its NUL byte.
       PAD.
           INSPECT C-TEXT REPLACING CHARACTERS BY SPACE
               AFTER INITIAL LOW-VALUE
           INSPECT C-TEXT REPLACING ALL LOW-VALUE BY SPACE.
       END PROGRAM VERIFYSMS.
