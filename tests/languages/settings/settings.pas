{ Gives the library what is in SET_..., makes the call ASK with what is in SEND_..., and prints what is known. }
program Settings;

{$IFDEF FPC}{$MODE DELPHI}{$ENDIF}

uses
  SysUtils, VerifySms;

type
  TCalled = class
    Client: TVerifySms;
    procedure Log(Level: Integer; const Line: string);
    procedure Count(Event, Code, Reached, Milliseconds, Attempt: Integer; Reused: Boolean; Limit: Integer);
    function Interrupted: Boolean;
  end;

function Text(const Name: string): string;
begin
  Result := GetEnvironmentVariable(Name);
end;

procedure TCalled.Log(Level: Integer; const Line: string);
begin
  WriteLn('log ', Level, ' ', Line);
end;

procedure TCalled.Count(Event, Code, Reached, Milliseconds, Attempt: Integer; Reused: Boolean; Limit: Integer);
begin
  WriteLn('event ', TVerifySms.EventName(Event), ' ', Code, ' ', Reached, ' ', Milliseconds, ' ', Attempt, ' ', Ord(Reused), ' ', Limit);
end;

function TCalled.Interrupted: Boolean;
begin
  if Text('SET_CANCEL') <> '' then
    Client.Cancel;
  Result := Text('SET_INTERRUPT') <> '';
end;

procedure Tell(const Answer: TVerifySmsAnswer);
begin
  WriteLn('code=', Answer.Code);
  WriteLn('reached=', Answer.Reached);
  WriteLn('rule=', Answer.Rule);
  WriteLn('rule_name=', TVerifySms.RuleName(Answer.Rule));
  WriteLn('user_text_he=', Answer.UserTextHe);
  WriteLn('user_text_en=', Answer.UserTextEn);
  WriteLn('wait_text_he=', TVerifySms.WaitText(Answer.RetryAfter, 'he'));
  WriteLn('wait_text_en=', TVerifySms.WaitText(Answer.RetryAfter, 'en'));
  WriteLn('reason=', Answer.Reason);
  WriteLn('status=', Answer.Status);
  WriteLn('http_status=', Answer.HttpStatus);
  WriteLn('timestamp=', Answer.Timestamp);
  WriteLn('limit=', Answer.Limit);
  WriteLn('limit_name=', TVerifySms.LimitName(Answer.Limit));
  WriteLn('retry_after=', Answer.RetryAfter);
  WriteLn('tries_left=', Answer.TriesLeft);
  WriteLn('unique=', Answer.Unique);
  WriteLn('delivery_state=', Answer.DeliveryState);
  WriteLn('delivery_next=', Answer.DeliveryNext);
  WriteLn('delivery_code=', Answer.DeliveryCode);
  WriteLn('delivery_hebrew=', Answer.DeliveryHebrew);
  WriteLn('delivery_english=', Answer.DeliveryEnglish);
  WriteLn('delivery_date=', Answer.DeliveryDate);
  WriteLn('delivery_operator=', Answer.DeliveryOperator);
  WriteLn('sender=', Answer.Sender);
  WriteLn('to=', Answer.Number);
  WriteLn('message=', Answer.Message);
end;

procedure TellOf(const Found: TVerifySmsInspection);
var
  I: Integer;
begin
  WriteLn('encoding=', Found.Encoding);
  WriteLn('length=', Found.Length);
  WriteLn('parts=', Found.Parts);
  for I := 0 to High(Found.Warnings) do
    WriteLn('warning=', Found.Warnings[I].Kind, ' ', Found.Warnings[I].Position, ' ', Found.Warnings[I].Text);
end;

var
  Given: TVerifySmsSettings;
  Answer: TVerifySmsAnswer;
  Called: TCalled;
  Phone: TVerifySmsPhone;
  Limit: TStringArray;
  Number, EndUser: string;
  TimeoutMs: Integer;

begin
  Called := TCalled.Create;
  Given := TVerifySmsSettings.Make(Text('VERIFYSMS_API_KEY'));
  Given.Sender := Text('SET_SENDER');
  Given.Template := Text('SET_MESSAGE');
  Given.Url := Text('SET_URL');
  Given.DeliveryUrl := Text('SET_DELIVERY_URL');
  Given.Proxy := Text('SET_PROXY');
  Given.NoProxy := Text('SET_NO_PROXY') <> '';
  Given.CaFile := Text('SET_CA_FILE');
  Given.TimeoutMs := StrToIntDef(Text('SET_TIMEOUT_MS'), 0);
  Given.ConnectTimeoutMs := StrToIntDef(Text('SET_CONNECT_TIMEOUT_MS'), 0);
  Given.Trust := StrToIntDef(Text('SET_TRUST'), 0);
  Given.AllowHttp := Text('SET_ALLOW_HTTP') <> '';
  Given.Guard := Text('SET_GUARD');
  Given.NoGuard := Text('SET_NO_GUARD') <> '';
  Given.GuardSecret := Text('SET_GUARD_SECRET');
  Given.GuardNamespace := Text('SET_GUARD_NAMESPACE');
  Given.GuardTimeoutMs := StrToIntDef(Text('SET_GUARD_TIMEOUT_MS'), 0);
  Given.GuardFailure := StrToIntDef(Text('SET_GUARD_FAILURE'), 0);
  if Text('SET_LIMIT') <> '' then
  begin
    Limit := Text('SET_LIMIT').Split([' ']);
    Given.Limit(StrToInt(Limit[0]), StrToInt(Limit[1]), StrToInt(Limit[2]));
  end;
  Number := Text('NUMBER');
  EndUser := Text('SEND_END_USER');
  TimeoutMs := StrToIntDef(Text('SEND_TIMEOUT_MS'), 0);
  if Text('SET_LOG') <> '' then
    Given.OnLog := Called.Log;
  if Text('SET_EVENT') <> '' then
    Given.OnEvent := Called.Count;
  if (Text('SET_INTERRUPT') <> '') or (Text('SET_CANCEL') <> '') then
    Given.OnInterrupt := Called.Interrupted;
  try
    Called.Client := TVerifySms.Create(Given);
    if Text('ASK') = 'check' then
      Called.Client.Check(Number, Text('SEND_CODE'), Answer, EndUser, TimeoutMs)
    else if Text('ASK') = 'show' then
    begin
      WriteLn('message=', Called.Client.GuardShow(Number));
      WriteLn('code=', VERIFYSMS_OK);
    end
    else if Text('ASK') = 'delivery' then
      Answer := Called.Client.Delivery(Text('SEND_UNIQUE'))
    else if Text('ASK') = 'inspect' then
      TellOf(TVerifySms.Inspect(Text('SEND_MESSAGE'), Text('SEND_SENDER'), '', 6))
    else if Text('ASK') = 'phone' then
    begin
      Phone := TVerifySms.Phone(Number);
      WriteLn('to=', Phone.Number);
      WriteLn('e164=', Phone.E164);
      WriteLn('kind=', Phone.Kind);
      WriteLn('rule=', Phone.Rule);
      WriteLn('rule_name=', TVerifySms.RuleName(Phone.Rule));
    end
    else if Text('ASK') = 'forget' then
    begin
      Called.Client.Forget(Number);
      WriteLn('code=', VERIFYSMS_OK);
    end
    else
      Answer := Called.Client.Send(Number, Text('SEND_SENDER'), Text('SEND_MESSAGE'), EndUser, TimeoutMs,
        Text('SEND_ORIGIN'), Text('SEND_APP_HASH'));
    if Answer.Message <> '' then
      Tell(Answer);
  except
    on Failure: EVerifySms do Tell(Failure.Answer);
  end;
  Called.Client.Free;
  Called.Free;
end.
