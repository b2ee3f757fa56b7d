' The command verifysms.exe from VBScript: for classic ASP and other scripts that can call no DLL.
' cscript command.vbs send NUMBER, or check NUMBER CODE: the exit status is 0 if the message is sent, or the number
' verified.
' It reads VERIFYSMS_API_KEY and VERIFYSMS_SENDER in the environment of the script, so that no command line has the key.
Option Explicit

Const COMMAND = "verifysms.exe"
Const SUCCESS = 0
' No outcome of the command: nothing was run.
Const NOT_RUN = -1

' True if the service accepted the message; that verifies nobody.
Function SendCode(number)
    SendCode = (Run("send " & Digits(number)) = SUCCESS)
End Function

' True only if the number is verified. It raises no error, whatever it is given: where errors are ignored, one in the
' condition of an If would lead into its block.
Function IsVerified(number, typed)
    Dim status
    IsVerified = False
    status = NOT_RUN
    On Error Resume Next
    If Digits(typed) = "" Then Exit Function
    status = Run("check " & Digits(number) & " " & Digits(typed))
    IsVerified = (Err.Number = 0 And status = SUCCESS)
End Function

' The exit status, once the command has ended. It raises no error.
Function Run(arguments)
    Dim status
    status = NOT_RUN
    On Error Resume Next
    status = CreateObject("WScript.Shell").Run("""" & COMMAND & """ " & arguments, 0, True)
    If Err.Number <> 0 Then status = NOT_RUN
    Run = status
End Function

' The digits of a number or a code: nothing else that a person typed gets into the command line.
Function Digits(typed)
    Dim at, one
    Digits = ""
    For at = 1 To Len(typed)
        one = Mid(typed, at, 1)
        If one >= "0" And one <= "9" Then Digits = Digits & one
    Next
End Function

Dim status
status = NOT_RUN
If WScript.Arguments.Count = 2 Then
    If WScript.Arguments(0) = "send" Then
        If SendCode(WScript.Arguments(1)) Then
            WScript.Echo "sent"
            status = 0
        End If
    End If
ElseIf WScript.Arguments.Count = 3 Then
    If IsVerified(WScript.Arguments(1), WScript.Arguments(2)) Then
        WScript.Echo "the number is theirs"
        status = 0
    End If
End If
WScript.Quit status
