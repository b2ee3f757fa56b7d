{ example NUMBER has a code texted, example NUMBER CODE checks it. The exit status is the library's
  code: 0 only if sent, or verified. Reads VERIFYSMS_API_KEY, VERIFYSMS_SENDER and VERIFYSMS_URL. }
program Example;

{$IFDEF FPC}{$MODE DELPHI}{$ENDIF}

uses
  SysUtils, VerifySms;

procedure Tell(const Answer: TVerifySmsAnswer);
begin
  WriteLn('code ', Answer.Code, ', reached ', Answer.Reached, ': ', Answer.Message);
end;

var
  Client: TVerifySms;
  Answer: TVerifySmsAnswer;

begin
  WriteLn('verifysms ', TVerifySms.Version);
  try
    Client := TVerifySms.Create(GetEnvironmentVariable('VERIFYSMS_API_KEY'),
      GetEnvironmentVariable('VERIFYSMS_SENDER'), GetEnvironmentVariable('VERIFYSMS_URL'));
    try
      if ParamCount < 2 then
      begin
        Answer := Client.Send(ParamStr(1));
        Tell(Answer);
        WriteLn('message ', Answer.Unique, ' at ', Answer.Timestamp);
      end
      else if Client.Check(ParamStr(1), ParamStr(2), Answer) then
      begin
        Tell(Answer);
        WriteLn('the number is theirs');
      end
      else
      begin
        Tell(Answer);
        WriteLn('let the person type again');
      end;
    finally
      Client.Free;
    end;
  except
    on Failure: EVerifySms do
    begin
      Answer := Failure.Answer;
      Tell(Answer);
      if Answer.Reached = VERIFYSMS_REACHED_UNKNOWN then
        WriteLn('it may have arrived: do not repeat it');
    end;
  end;
  ExitCode := Answer.Code;
end.
