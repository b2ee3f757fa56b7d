Attribute VB_Name = "VerifySms"
' The C library for Visual Basic 6, and for VBA: of 32 bits, or of 64 as it is in the zip for x64. No text passes the code
' page of the machine: what goes to the library is made by Utf8, what comes from it is read by FromUtf8.
Option Explicit

#If VBA7 = 0 Then
' A pointer, by the name that it has in VBA.
Public Enum LongPtr
    [_]
End Enum
#End If

Public Const VERIFYSMS_OK As Long = 0
Public Const VERIFYSMS_INVALID_ARGUMENT As Long = 1
Public Const VERIFYSMS_NOT_VERIFIED As Long = 2
Public Const VERIFYSMS_REJECTED As Long = 3
Public Const VERIFYSMS_CONNECT As Long = 4
Public Const VERIFYSMS_TLS As Long = 5
Public Const VERIFYSMS_TIMEOUT As Long = 6
Public Const VERIFYSMS_CONNECTION_LOST As Long = 7
Public Const VERIFYSMS_HTTP_STATUS As Long = 8
Public Const VERIFYSMS_BAD_REPLY As Long = 9
Public Const VERIFYSMS_CANCELLED As Long = 10
Public Const VERIFYSMS_INTERNAL As Long = 11
Public Const VERIFYSMS_LIMITED As Long = 12
Public Const VERIFYSMS_GUARD_DOWN As Long = 13
Public Const VERIFYSMS_REACHED_NO As Long = 0
Public Const VERIFYSMS_REACHED_YES As Long = 1
Public Const VERIFYSMS_REACHED_UNKNOWN As Long = 2
Public Const VERIFYSMS_PHONE_UNKNOWN As Long = 0
Public Const VERIFYSMS_PHONE_MOBILE As Long = 1
Public Const VERIFYSMS_PHONE_LANDLINE As Long = 2
Public Const VERIFYSMS_PHONE_VOIP As Long = 3
Public Const VERIFYSMS_PHONE_KOSHER As Long = 4
Public Const VERIFYSMS_ENCODING_GSM7 As Long = 1
Public Const VERIFYSMS_ENCODING_UCS2 As Long = 2
Public Const VERIFYSMS_DELIVERY_UNKNOWN As Long = 0
Public Const VERIFYSMS_DELIVERY_PENDING As Long = 1
Public Const VERIFYSMS_DELIVERY_DELIVERED As Long = 2
Public Const VERIFYSMS_DELIVERY_FAILED As Long = 3
Public Const VERIFYSMS_DELIVERY_BLOCKED As Long = 4
Public Const VERIFYSMS_DELIVERY_EXPIRED As Long = 5
Public Const VERIFYSMS_NEXT_NONE As Long = 0
Public Const VERIFYSMS_NEXT_WAIT As Long = 1
Public Const VERIFYSMS_NEXT_RETRY_LATER As Long = 2
Public Const VERIFYSMS_NEXT_ANOTHER_NUMBER As Long = 3
Public Const VERIFYSMS_NEXT_OPTED_OUT As Long = 4
Public Const VERIFYSMS_NEXT_ABROAD As Long = 5
Public Const VERIFYSMS_NEXT_CONTACT_SUPPORT As Long = 6
Public Const VERIFYSMS_TRUST_SYSTEM As Long = 0
Public Const VERIFYSMS_TRUST_BUNDLED As Long = 1
Public Const VERIFYSMS_GUARD_LOCAL As Long = 0
Public Const VERIFYSMS_GUARD_REFUSE As Long = 1
Public Const VERIFYSMS_GUARD_ALLOW As Long = 2
Public Const VERIFYSMS_LIMIT_COOLDOWN As Long = 1
Public Const VERIFYSMS_LIMIT_SENDS_NUMBER As Long = 2
Public Const VERIFYSMS_LIMIT_SENDS_NUMBER_DAY As Long = 3
Public Const VERIFYSMS_LIMIT_SENDS_USER As Long = 4
Public Const VERIFYSMS_LIMIT_SENDS_RANGE As Long = 5
Public Const VERIFYSMS_LIMIT_SENDS_APP As Long = 6
Public Const VERIFYSMS_LIMIT_TRIES As Long = 7
Public Const VERIFYSMS_LIMIT_FAILURES_NUMBER As Long = 8
Public Const VERIFYSMS_LIMIT_FAILURES_USER As Long = 9

Public Declare Function verifysms_config_new Lib "verifysms-1-stdcall.dll" (ByVal apiKey As LongPtr) As LongPtr
Public Declare Function verifysms_config_set_sender Lib "verifysms-1-stdcall.dll" (ByVal config As LongPtr, ByVal sender As LongPtr) As Long
Public Declare Function verifysms_config_set_message Lib "verifysms-1-stdcall.dll" (ByVal config As LongPtr, ByVal message As LongPtr) As Long
Public Declare Function verifysms_config_set_url Lib "verifysms-1-stdcall.dll" (ByVal config As LongPtr, ByVal url As LongPtr) As Long
Public Declare Function verifysms_config_set_timeout_ms Lib "verifysms-1-stdcall.dll" (ByVal config As LongPtr, ByVal ms As Long) As Long
Public Declare Function verifysms_config_set_connect_timeout_ms Lib "verifysms-1-stdcall.dll" (ByVal config As LongPtr, ByVal ms As Long) As Long
Public Declare Function verifysms_config_set_proxy Lib "verifysms-1-stdcall.dll" (ByVal config As LongPtr, ByVal url As LongPtr) As Long
Public Declare Function verifysms_config_set_ca_file Lib "verifysms-1-stdcall.dll" (ByVal config As LongPtr, ByVal pemPath As LongPtr) As Long
Public Declare Function verifysms_config_set_trust Lib "verifysms-1-stdcall.dll" (ByVal config As LongPtr, ByVal trust As Long) As Long
Public Declare Function verifysms_config_set_allow_http Lib "verifysms-1-stdcall.dll" (ByVal config As LongPtr, ByVal yes As Long) As Long
Public Declare Function verifysms_config_error Lib "verifysms-1-stdcall.dll" (ByVal config As LongPtr) As LongPtr
Public Declare Function verifysms_config_rule Lib "verifysms-1-stdcall.dll" (ByVal config As LongPtr) As Long
Public Declare Sub verifysms_config_free Lib "verifysms-1-stdcall.dll" (ByVal config As LongPtr)
Public Declare Function verifysms_event_name Lib "verifysms-1-stdcall.dll" (ByVal kind As Long) As LongPtr
Public Declare Function verifysms_config_set_guard Lib "verifysms-1-stdcall.dll" (ByVal config As LongPtr, ByVal store As LongPtr) As Long
Public Declare Function verifysms_config_set_limit Lib "verifysms-1-stdcall.dll" (ByVal config As LongPtr, ByVal limit As Long, ByVal most As Long, ByVal seconds As Long) As Long
Public Declare Function verifysms_config_set_guard_secret Lib "verifysms-1-stdcall.dll" (ByVal config As LongPtr, ByVal secret As LongPtr) As Long
Public Declare Function verifysms_config_set_guard_namespace Lib "verifysms-1-stdcall.dll" (ByVal config As LongPtr, ByVal text As LongPtr) As Long
Public Declare Function verifysms_config_set_guard_timeout_ms Lib "verifysms-1-stdcall.dll" (ByVal config As LongPtr, ByVal ms As Long) As Long
Public Declare Function verifysms_config_set_guard_failure Lib "verifysms-1-stdcall.dll" (ByVal config As LongPtr, ByVal failure As Long) As Long
Public Declare Function verifysms_client_new Lib "verifysms-1-stdcall.dll" (ByVal config As LongPtr) As LongPtr
Public Declare Sub verifysms_client_cancel Lib "verifysms-1-stdcall.dll" (ByVal client As LongPtr)
Public Declare Sub verifysms_client_free Lib "verifysms-1-stdcall.dll" (ByVal client As LongPtr)
Public Declare Function verifysms_client_connect Lib "verifysms-1-stdcall.dll" (ByVal client As LongPtr) As LongPtr
Public Declare Function verifysms_forget Lib "verifysms-1-stdcall.dll" (ByVal client As LongPtr, ByVal number As LongPtr) As LongPtr
Public Declare Function verifysms_guard_show Lib "verifysms-1-stdcall.dll" (ByVal client As LongPtr, ByVal number As LongPtr) As LongPtr
Public Declare Function verifysms_request_new Lib "verifysms-1-stdcall.dll" (ByVal number As LongPtr) As LongPtr
Public Declare Function verifysms_request_set_end_user Lib "verifysms-1-stdcall.dll" (ByVal request As LongPtr, ByVal endUser As LongPtr) As Long
Public Declare Function verifysms_request_set_sender Lib "verifysms-1-stdcall.dll" (ByVal request As LongPtr, ByVal sender As LongPtr) As Long
Public Declare Function verifysms_request_set_message Lib "verifysms-1-stdcall.dll" (ByVal request As LongPtr, ByVal message As LongPtr) As Long
Public Declare Function verifysms_request_set_origin Lib "verifysms-1-stdcall.dll" (ByVal request As LongPtr, ByVal origin As LongPtr) As Long
Public Declare Function verifysms_request_set_app_hash Lib "verifysms-1-stdcall.dll" (ByVal request As LongPtr, ByVal appHash As LongPtr) As Long
Public Declare Function verifysms_request_set_timeout_ms Lib "verifysms-1-stdcall.dll" (ByVal request As LongPtr, ByVal ms As Long) As Long
Public Declare Sub verifysms_request_free Lib "verifysms-1-stdcall.dll" (ByVal request As LongPtr)
Public Declare Function verifysms_send_request Lib "verifysms-1-stdcall.dll" (ByVal client As LongPtr, ByVal request As LongPtr) As LongPtr
Public Declare Function verifysms_check_request Lib "verifysms-1-stdcall.dll" (ByVal client As LongPtr, ByVal request As LongPtr, ByVal code As LongPtr) As LongPtr
Public Declare Function verifysms_result_code Lib "verifysms-1-stdcall.dll" (ByVal result As LongPtr) As Long
Public Declare Function verifysms_result_reached Lib "verifysms-1-stdcall.dll" (ByVal result As LongPtr) As Long
Public Declare Function verifysms_result_rule Lib "verifysms-1-stdcall.dll" (ByVal result As LongPtr) As Long
Public Declare Function verifysms_result_reason Lib "verifysms-1-stdcall.dll" (ByVal result As LongPtr) As Long
Public Declare Function verifysms_result_status Lib "verifysms-1-stdcall.dll" (ByVal result As LongPtr) As Long
Public Declare Function verifysms_result_http_status Lib "verifysms-1-stdcall.dll" (ByVal result As LongPtr) As Long
Public Declare Function verifysms_result_unique Lib "verifysms-1-stdcall.dll" (ByVal result As LongPtr) As LongPtr
Public Declare Function verifysms_result_sender Lib "verifysms-1-stdcall.dll" (ByVal result As LongPtr) As LongPtr
Public Declare Function verifysms_result_to Lib "verifysms-1-stdcall.dll" (ByVal result As LongPtr) As LongPtr
Public Declare Function verifysms_result_message Lib "verifysms-1-stdcall.dll" (ByVal result As LongPtr) As LongPtr
Public Declare Sub verifysms_result_free Lib "verifysms-1-stdcall.dll" (ByVal result As LongPtr)
Public Declare Function verifysms_result_limit Lib "verifysms-1-stdcall.dll" (ByVal result As LongPtr) As Long
Public Declare Function verifysms_result_retry_after Lib "verifysms-1-stdcall.dll" (ByVal result As LongPtr) As Long
Public Declare Function verifysms_result_tries_left Lib "verifysms-1-stdcall.dll" (ByVal result As LongPtr) As Long
Public Declare Function verifysms_config_set_delivery_url Lib "verifysms-1-stdcall.dll" (ByVal config As LongPtr, ByVal url As LongPtr) As Long
Public Declare Function verifysms_delivery Lib "verifysms-1-stdcall.dll" (ByVal client As LongPtr, ByVal unique As LongPtr) As LongPtr
Public Declare Function verifysms_result_delivery_state Lib "verifysms-1-stdcall.dll" (ByVal result As LongPtr) As Long
Public Declare Function verifysms_result_delivery_next Lib "verifysms-1-stdcall.dll" (ByVal result As LongPtr) As Long
Public Declare Function verifysms_result_delivery_code Lib "verifysms-1-stdcall.dll" (ByVal result As LongPtr) As Long
Public Declare Function verifysms_result_delivery_hebrew Lib "verifysms-1-stdcall.dll" (ByVal result As LongPtr) As LongPtr
Public Declare Function verifysms_result_delivery_english Lib "verifysms-1-stdcall.dll" (ByVal result As LongPtr) As LongPtr
Public Declare Function verifysms_result_delivery_date Lib "verifysms-1-stdcall.dll" (ByVal result As LongPtr) As LongPtr
Public Declare Function verifysms_result_delivery_operator Lib "verifysms-1-stdcall.dll" (ByVal result As LongPtr) As LongPtr
Public Declare Function verifysms_result_user_text Lib "verifysms-1-stdcall.dll" (ByVal result As LongPtr, ByVal language As LongPtr) As LongPtr
Public Declare Function verifysms_wait_text Lib "verifysms-1-stdcall.dll" (ByVal seconds As Long, ByVal language As LongPtr, ByVal buffer As LongPtr, ByVal size As Long) As Long
Public Declare Function verifysms_phone_normalize Lib "verifysms-1-stdcall.dll" (ByVal text As LongPtr, ByVal buffer As LongPtr, ByVal size As Long) As Long
Public Declare Function verifysms_phone_e164 Lib "verifysms-1-stdcall.dll" (ByVal text As LongPtr, ByVal buffer As LongPtr, ByVal size As Long) As Long
Public Declare Function verifysms_phone_kind Lib "verifysms-1-stdcall.dll" (ByVal text As LongPtr) As Long
Public Declare Function verifysms_message_inspect Lib "verifysms-1-stdcall.dll" (ByVal message As LongPtr, ByVal sender As LongPtr, ByVal origin As LongPtr) As LongPtr
Public Declare Function verifysms_message_encoding Lib "verifysms-1-stdcall.dll" (ByVal message As LongPtr) As Long
Public Declare Function verifysms_message_length Lib "verifysms-1-stdcall.dll" (ByVal message As LongPtr, ByVal digits As Long) As Long
Public Declare Function verifysms_message_parts Lib "verifysms-1-stdcall.dll" (ByVal message As LongPtr, ByVal digits As Long) As Long
Public Declare Function verifysms_message_warning_count Lib "verifysms-1-stdcall.dll" (ByVal message As LongPtr) As Long
Public Declare Function verifysms_message_warning Lib "verifysms-1-stdcall.dll" (ByVal message As LongPtr, ByVal at As Long) As Long
Public Declare Function verifysms_message_warning_position Lib "verifysms-1-stdcall.dll" (ByVal message As LongPtr, ByVal at As Long) As Long
Public Declare Function verifysms_message_warning_text Lib "verifysms-1-stdcall.dll" (ByVal message As LongPtr, ByVal at As Long) As LongPtr
Public Declare Sub verifysms_message_free Lib "verifysms-1-stdcall.dll" (ByVal message As LongPtr)
Public Declare Function verifysms_code_name Lib "verifysms-1-stdcall.dll" (ByVal code As Long) As LongPtr
Public Declare Function verifysms_limit_name Lib "verifysms-1-stdcall.dll" (ByVal limit As Long) As LongPtr
Public Declare Function verifysms_rule_name Lib "verifysms-1-stdcall.dll" (ByVal rule As Long) As LongPtr
Public Declare Function verifysms_reason_text Lib "verifysms-1-stdcall.dll" (ByVal reason As Long) As LongPtr
Public Declare Function verifysms_version Lib "verifysms-1-stdcall.dll" () As LongPtr
Public Declare Function verifysms_copy Lib "verifysms-1-stdcall.dll" (ByVal text As LongPtr, ByVal buffer As LongPtr, ByVal size As Long) As Long

Private Declare Function WideCharToMultiByte Lib "kernel32" (ByVal codePage As Long, ByVal flags As Long, ByVal wide As LongPtr, ByVal wideSize As Long, ByVal bytes As LongPtr, ByVal byteSize As Long, ByVal unknown As LongPtr, ByVal wasUnknown As LongPtr) As Long
Private Declare Function MultiByteToWideChar Lib "kernel32" (ByVal codePage As Long, ByVal flags As Long, ByVal bytes As LongPtr, ByVal byteSize As Long, ByVal wide As LongPtr, ByVal wideSize As Long) As Long
Private Const UTF8_PAGE As Long = 65001

' How a call ended. CodeName is "" until a call fills it: "OK", "NOT_VERIFIED", "LIMITED" and so on.
Public Type VerifySmsAnswer
    CodeName As String
    Reached As Long
    Reason As Long
    Status As Long
    ' Seconds until the next such call, and how many wrong codes may be tried.
    RetryAfter As Long
    TriesLeft As Long
    ' The phone number in the service's form, and the id of an accepted message.
    Number As String
    Unique As String
    ' English, for the log; Hebrew and English for the person who signs up.
    Message As String
    TextHe As String
    TextEn As String
End Type

' A client, to be closed by VerifySmsClose. Raises an error with the reason if a setting is refused.
Public Function VerifySmsOpen(ByVal apiKey As String, ByVal sender As String, Optional ByVal template As String, Optional ByVal guard As String, Optional ByVal url As String) As LongPtr
    Dim config As LongPtr, client As LongPtr, why As String
    Dim key() As Byte, senderBytes() As Byte, templateBytes() As Byte, guardBytes() As Byte, urlBytes() As Byte
    ' A text may be refused here; after that nothing raises before all is freed.
    key = Utf8(apiKey)
    senderBytes = Utf8(sender)
    templateBytes = Utf8(template)
    guardBytes = Utf8(guard)
    urlBytes = Utf8(url)
    config = verifysms_config_new(VarPtr(key(0)))
    verifysms_config_set_sender config, VarPtr(senderBytes(0))
    If template <> "" Then verifysms_config_set_message config, VarPtr(templateBytes(0))
    If guard <> "" Then verifysms_config_set_guard config, VarPtr(guardBytes(0))
    If url <> "" Then verifysms_config_set_url config, VarPtr(urlBytes(0))
    client = verifysms_client_new(config)
    If client = 0 Then why = FromUtf8(verifysms_config_error(config))
    verifysms_config_free config
    If client = 0 Then Err.Raise vbObjectError + 513, "VerifySms", why
    VerifySmsOpen = client
End Function

Public Sub VerifySmsClose(ByVal client As LongPtr)
    verifysms_client_free client
End Sub

' Sends a code. CodeName of the answer is "OK" if the service accepted the message: that verifies nobody.
Public Function VerifySmsSend(ByVal client As LongPtr, ByVal number As String, Optional ByVal endUser As String) As VerifySmsAnswer
    Dim request As LongPtr, result As LongPtr
    request = About(number, endUser)
    result = verifysms_send_request(client, request)
    verifysms_request_free request
    VerifySmsSend = Taken(result)
End Function

' True only if the number is verified. It raises no error: where errors are ignored, one in the condition of an If would
' lead into its block.
Public Function VerifySmsCheck(ByVal client As LongPtr, ByVal number As String, ByVal typed As String, answer As VerifySmsAnswer, Optional ByVal endUser As String) As Boolean
    Dim request As LongPtr, result As LongPtr, code() As Byte, unanswered As VerifySmsAnswer
    On Error GoTo Failed
    answer = unanswered
    code = Utf8(typed)
    request = About(number, endUser)
    result = verifysms_check_request(client, request, VarPtr(code(0)))
    verifysms_request_free request
    answer = Taken(result)
    VerifySmsCheck = (answer.CodeName = "OK" And answer.Status = 1)
    Exit Function
Failed:
    answer.Reached = VERIFYSMS_REACHED_UNKNOWN
    answer.Message = Err.Description
End Function

' The text that a function of the library returned. The library keeps it.
Public Function FromUtf8(ByVal text As LongPtr) As String
    Dim size As Long, length As Long, wide As String
    size = verifysms_copy(text, 0, 0)
    If size = 0 Then Exit Function
    length = MultiByteToWideChar(UTF8_PAGE, 0, text, size, 0, 0)
    wide = String$(length, vbNullChar)
    MultiByteToWideChar UTF8_PAGE, 0, text, size, StrPtr(wide), length
    FromUtf8 = wide
End Function

' A text with a NUL at its end: pass VarPtr(bytes(0)) of it. Inside it there may be none, for C ends the text there.
Public Function Utf8(ByVal text As String) As Byte()
    Dim size As Long, bytes() As Byte
    If InStr(1, text, vbNullChar, vbBinaryCompare) > 0 Then Err.Raise 5, "VerifySms", "a text has a NUL in it"
    If text <> "" Then size = WideCharToMultiByte(UTF8_PAGE, 0, StrPtr(text), Len(text), 0, 0, 0, 0)
    ReDim bytes(0 To size)
    If size > 0 Then WideCharToMultiByte UTF8_PAGE, 0, StrPtr(text), Len(text), VarPtr(bytes(0)), size, 0, 0
    Utf8 = bytes
End Function

Private Function About(ByVal number As String, ByVal endUser As String) As LongPtr
    Dim request As LongPtr, numberBytes() As Byte, userBytes() As Byte
    numberBytes = Utf8(number)
    userBytes = Utf8(endUser)
    request = verifysms_request_new(VarPtr(numberBytes(0)))
    If endUser <> "" Then verifysms_request_set_end_user request, VarPtr(userBytes(0))
    About = request
End Function

Private Function Taken(ByVal result As LongPtr) As VerifySmsAnswer
    Dim hebrew() As Byte, english() As Byte, answer As VerifySmsAnswer
    hebrew = Utf8("he")
    english = Utf8("en")
    answer.CodeName = FromUtf8(verifysms_code_name(verifysms_result_code(result)))
    answer.Reached = verifysms_result_reached(result)
    answer.Reason = verifysms_result_reason(result)
    answer.Status = verifysms_result_status(result)
    answer.RetryAfter = verifysms_result_retry_after(result)
    answer.TriesLeft = verifysms_result_tries_left(result)
    answer.Number = FromUtf8(verifysms_result_to(result))
    answer.Unique = FromUtf8(verifysms_result_unique(result))
    answer.Message = FromUtf8(verifysms_result_message(result))
    answer.TextHe = FromUtf8(verifysms_result_user_text(result, VarPtr(hebrew(0))))
    answer.TextEn = FromUtf8(verifysms_result_user_text(result, VarPtr(english(0))))
    verifysms_result_free result
    Taken = answer
End Function
