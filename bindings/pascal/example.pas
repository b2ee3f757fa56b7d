{ example send NUMBER sends a code, example check NUMBER CODE checks it, example connect only opens a
  connection. The exit status is the library's code: 0 only if connected, sent, or verified. Reads
  VERIFYSMS_API_KEY, VERIFYSMS_SENDER, VERIFYSMS_URL and VERIFYSMS_GUARD: file:/path keeps the counts from one
  run to the next. }
program Example;

{$IFDEF FPC}{$MODE DELPHI}{$ENDIF}

uses
  SysUtils, VerifySms;

procedure Tell(const Answer: TVerifySmsAnswer);
begin
  WriteLn('code ', Answer.Code, ', reached ', Answer.Reached, ', number ', Answer.Number, ': ', Answer.Message);
end;

var
  Settings: TVerifySmsSettings;
  Client: TVerifySms;
  Answer: TVerifySmsAnswer;
  Verified: Boolean;
  Status: Integer;

begin
  Status := VERIFYSMS_INTERNAL;
  WriteLn('verifysms ', TVerifySms.Version);
  try
    Settings := TVerifySmsSettings.Make(GetEnvironmentVariable('VERIFYSMS_API_KEY'));
    Settings.Sender := GetEnvironmentVariable('VERIFYSMS_SENDER');
    Settings.Url := GetEnvironmentVariable('VERIFYSMS_URL');
    Settings.Guard := GetEnvironmentVariable('VERIFYSMS_GUARD');
    Client := TVerifySms.Create(Settings);
    try
      if ParamStr(1) = 'send' then
      begin
        Answer := Client.Send(ParamStr(2));
        Tell(Answer);
        Status := Answer.Code;
        WriteLn('message ', Answer.Unique, ' at ', Answer.Timestamp);
      end
      else if ParamStr(1) = 'check' then
      begin
        Verified := Client.Check(ParamStr(2), ParamStr(3), Answer);
        Tell(Answer);
        Status := Answer.Code;
        if Verified then
          WriteLn('the number is theirs')
        else
          WriteLn('let the person type again');
      end
      else if ParamStr(1) = 'connect' then
      begin
        Client.Connect;
        WriteLn('code 0, reached 0: connected');
        Status := VERIFYSMS_OK;
      end
      else
        WriteLn('send NUMBER, check NUMBER CODE, or connect');
    finally
      Client.Free;
    end;
  except
    on Failure: EVerifySms do
    begin
      Answer := Failure.Answer;
      Tell(Answer);
      Status := Answer.Code;
      if Answer.Code = VERIFYSMS_LIMITED then
        WriteLn('wait ', Answer.RetryAfter, ' s');
      if Answer.Reached = VERIFYSMS_REACHED_UNKNOWN then
        WriteLn('it may have arrived: do not repeat it');
    end;
  end;
  ExitCode := Status;
end.
