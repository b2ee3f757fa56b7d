Attribute VB_Name = "Example"
' A sign-up: send a code, ask for it, let in only who typed the right one.
Option Explicit

Public Sub Main()
    Dim client As LongPtr, sent As VerifySmsAnswer, checked As VerifySmsAnswer, number As String, typed As String
    client = VerifySmsOpen(Environ$("VERIFYSMS_API_KEY"), Environ$("VERIFYSMS_SENDER"), "", "", Environ$("VERIFYSMS_URL"))
    number = InputBox("Your phone number")
    sent = VerifySmsSend(client, number)
    If sent.CodeName <> "OK" Then
        MsgBox sent.TextHe
    Else
        typed = InputBox("The code from the message")
        If VerifySmsCheck(client, number, typed, checked) Then
            MsgBox "The number is theirs."
        Else
            MsgBox checked.TextHe
        End If
    End If
    VerifySmsClose client
End Sub
