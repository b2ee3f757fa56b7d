      *> EXAMPLE SEND NUMBER sends a code, EXAMPLE CHECK NUMBER CODE
      *> checks it, EXAMPLE CONNECT only opens a connection. RETURN-CODE
      *> is 0 only if connected, sent, or verified; otherwise it is the
      *> library's code.
      *> Reads VERIFYSMS_API_KEY, VERIFYSMS_SENDER, VERIFYSMS_URL and
      *> VERIFYSMS_GUARD: file:/path keeps the counts from one run to
      *> the next.
       IDENTIFICATION DIVISION.
       PROGRAM-ID. EXAMPLE.
       DATA DIVISION.
       WORKING-STORAGE SECTION.
       COPY "verifysms.cpy".
       01  ASKED                   PIC X(9).
       01  SHOWN-CODE              PIC Z9.
       01  SHOWN-REACHED           PIC 9.
       01  SHOWN-SECONDS           PIC Z(8)9.
       01  OUTCOME                 PIC S9(9) COMP-5.
       PROCEDURE DIVISION.
       MAIN-LINE.
           INITIALIZE VERIFYSMS-AREA
           ACCEPT VERIFYSMS-API-KEY FROM ENVIRONMENT "VERIFYSMS_API_KEY"
           ACCEPT VERIFYSMS-SENDER FROM ENVIRONMENT "VERIFYSMS_SENDER"
           ACCEPT VERIFYSMS-URL FROM ENVIRONMENT "VERIFYSMS_URL"
           ACCEPT VERIFYSMS-GUARD FROM ENVIRONMENT "VERIFYSMS_GUARD"
           ACCEPT ASKED FROM ARGUMENT-VALUE
           ACCEPT VERIFYSMS-TO FROM ARGUMENT-VALUE
           ACCEPT VERIFYSMS-TYPED FROM ARGUMENT-VALUE

           MOVE "OPEN" TO VERIFYSMS-ACTION
           CALL "VERIFYSMS" USING VERIFYSMS-AREA
           DISPLAY "VERIFYSMS " VERIFYSMS-VERSION
           IF VERIFYSMS-OPENED
               MOVE FUNCTION UPPER-CASE(ASKED) TO VERIFYSMS-ACTION
               CALL "VERIFYSMS" USING VERIFYSMS-AREA
           END-IF
           MOVE VERIFYSMS-CODE TO SHOWN-CODE
           MOVE VERIFYSMS-REACHED TO SHOWN-REACHED
           DISPLAY FUNCTION TRIM(VERIFYSMS-ACTION) " CODE " SHOWN-CODE
               " REACHED " SHOWN-REACHED " NUMBER "
               VERIFYSMS-LOCAL-NUMBER
           DISPLAY FUNCTION TRIM(VERIFYSMS-MESSAGE)
      *> It becomes 0 only by what the call has written.
           MOVE 11 TO OUTCOME
           EVALUATE TRUE
               WHEN VERIFYSMS-VERIFIED
                   DISPLAY "THE NUMBER IS THEIRS"
                   MOVE 0 TO OUTCOME
               WHEN VERIFYSMS-CONNECTED
                   MOVE 0 TO OUTCOME
               WHEN VERIFYSMS-ACCEPTED
                   DISPLAY "MESSAGE " VERIFYSMS-MESSAGE-ID
                   MOVE 0 TO OUTCOME
               WHEN VERIFYSMS-FAILED
                   MOVE VERIFYSMS-CODE TO OUTCOME
                   IF VERIFYSMS-NOT-VERIFIED
                       DISPLAY "LET THE PERSON TYPE AGAIN"
                   END-IF
                   IF VERIFYSMS-LIMITED
                       MOVE VERIFYSMS-RETRY-AFTER TO SHOWN-SECONDS
                       DISPLAY "WAIT " FUNCTION TRIM(SHOWN-SECONDS)
                           " S"
                   END-IF
                   IF VERIFYSMS-REACHED-UNKNOWN
                       DISPLAY "IT MAY HAVE ARRIVED: DO NOT REPEAT IT"
                   END-IF
           END-EVALUATE

           MOVE "CLOSE" TO VERIFYSMS-ACTION
           CALL "VERIFYSMS" USING VERIFYSMS-AREA
           MOVE OUTCOME TO RETURN-CODE
           STOP RUN.
       END PROGRAM EXAMPLE.
