{ The C library as a class, for Free Pascal and Delphi. A wrong code is an answer;
  any other failure is an EVerifySms. Only this unit calls C. }
unit VerifySms;

{$IFDEF FPC}{$MODE DELPHI}{$MODESWITCH ADVANCEDRECORDS}{$ENDIF}

interface

uses
  SysUtils;

const
  VERIFYSMS_OK = 0;
  VERIFYSMS_INVALID_ARGUMENT = 1;
  VERIFYSMS_NOT_VERIFIED = 2;
  VERIFYSMS_REJECTED = 3;
  VERIFYSMS_CONNECT = 4;
  VERIFYSMS_TLS = 5;
  VERIFYSMS_TIMEOUT = 6;
  VERIFYSMS_CONNECTION_LOST = 7;
  VERIFYSMS_HTTP_STATUS = 8;
  VERIFYSMS_BAD_REPLY = 9;
  VERIFYSMS_CANCELLED = 10;
  VERIFYSMS_INTERNAL = 11;
  VERIFYSMS_LIMITED = 12;
  VERIFYSMS_GUARD_DOWN = 13;
  VERIFYSMS_REACHED_NO = 0;
  VERIFYSMS_REACHED_YES = 1;
  VERIFYSMS_REACHED_UNKNOWN = 2;
  VERIFYSMS_TRUST_SYSTEM = 0;
  VERIFYSMS_TRUST_BUNDLED = 1;
  VERIFYSMS_LOG_INFO = 6;
  VERIFYSMS_LOG_DEBUG = 7;
  VERIFYSMS_LOG_WARNING = 4;
  VERIFYSMS_EVENT_OTHER = 0;
  VERIFYSMS_EVENT_SENT = 1;
  VERIFYSMS_EVENT_CHECKED = 2;
  VERIFYSMS_EVENT_VERIFIED = 3;
  VERIFYSMS_EVENT_REFUSED = 4;
  VERIFYSMS_EVENT_UNKNOWN = 5;
  VERIFYSMS_EVENT_LIMITED = 6;
  VERIFYSMS_EVENT_FAILED = 7;
  VERIFYSMS_GUARD_LOCAL = 0;
  VERIFYSMS_GUARD_REFUSE = 1;
  VERIFYSMS_GUARD_ALLOW = 2;
  VERIFYSMS_LIMIT_COOLDOWN = 1;
  VERIFYSMS_LIMIT_SENDS_NUMBER = 2;
  VERIFYSMS_LIMIT_SENDS_NUMBER_DAY = 3;
  VERIFYSMS_LIMIT_SENDS_USER = 4;
  VERIFYSMS_LIMIT_SENDS_RANGE = 5;
  VERIFYSMS_LIMIT_SENDS_APP = 6;
  VERIFYSMS_LIMIT_TRIES = 7;
  VERIFYSMS_LIMIT_FAILURES_NUMBER = 8;
  VERIFYSMS_LIMIT_FAILURES_USER = 9;
  VERIFYSMS_PHONE_UNKNOWN = 0;
  VERIFYSMS_PHONE_MOBILE = 1;
  VERIFYSMS_PHONE_LANDLINE = 2;
  VERIFYSMS_PHONE_VOIP = 3;
  VERIFYSMS_PHONE_KOSHER = 4;
  VERIFYSMS_ENCODING_GSM7 = 1;
  VERIFYSMS_ENCODING_UCS2 = 2;
  VERIFYSMS_WARNING_WITHOUT_CODE = 1;
  VERIFYSMS_WARNING_SEVERAL_PARTS = 2;
  VERIFYSMS_WARNING_COSTLY_CHARACTER = 3;
  VERIFYSMS_WARNING_CODE_IN_RIGHT_TO_LEFT_LINE = 4;
  VERIFYSMS_WARNING_DIRECTION_MARK = 5;
  VERIFYSMS_WARNING_WEBOTP_MISSING = 6;
  VERIFYSMS_WARNING_WEBOTP_NOT_LAST = 7;
  VERIFYSMS_WARNING_WEBOTP_FORM = 8;
  VERIFYSMS_WARNING_WEBOTP_HOST = 9;
  VERIFYSMS_WARNING_WEBOTP_ORIGIN = 10;
  VERIFYSMS_WARNING_RETRIEVER_LENGTH = 11;
  VERIFYSMS_WARNING_LINK = 12;
  VERIFYSMS_WARNING_OTHER_NUMBER = 13;
  VERIFYSMS_WARNING_SENDER_INVALID = 14;
  VERIFYSMS_WARNING_SENDER_CHARACTERS = 15;
  VERIFYSMS_WARNING_SENDER_NUMBER = 16;
  VERIFYSMS_DELIVERY_UNKNOWN = 0;
  VERIFYSMS_DELIVERY_PENDING = 1;
  VERIFYSMS_DELIVERY_DELIVERED = 2;
  VERIFYSMS_DELIVERY_FAILED = 3;
  VERIFYSMS_DELIVERY_BLOCKED = 4;
  VERIFYSMS_DELIVERY_EXPIRED = 5;
  VERIFYSMS_DELIVERY_CODE_NONE = -2147483647;
  VERIFYSMS_NEXT_NONE = 0;
  VERIFYSMS_NEXT_WAIT = 1;
  VERIFYSMS_NEXT_RETRY_LATER = 2;
  VERIFYSMS_NEXT_ANOTHER_NUMBER = 3;
  VERIFYSMS_NEXT_OPTED_OUT = 4;
  VERIFYSMS_NEXT_ABROAD = 5;
  VERIFYSMS_NEXT_CONTACT_SUPPORT = 6;

type
  { How a call ended. Until a call fills it, its code is VERIFYSMS_INTERNAL, whatever is in its memory. }
  TVerifySmsAnswer = record
  private
    FCode, FReached: Integer;
    FMessage: string;
    function GetCode: Integer;
    function GetReached: Integer;
    function GetVerified: Boolean;
  public
    { Which rule an argument or a setting breaks, by TVerifySms.RuleName; 0 if none. }
    Rule: Integer;
    { Sentences for the person who signs up, in Hebrew and in English. }
    UserTextHe, UserTextEn: string;
    Reason, Status, HttpStatus: Integer;
    { The limit that makes the next such call wait, for how many seconds, and how many wrong codes are left. }
    Limit, RetryAfter, TriesLeft: Integer;
    { What became of a message, a VERIFYSMS_DELIVERY_, what to do, a VERIFYSMS_NEXT_, and the provider's own code,
      words, date and operator: see Delivery. }
    DeliveryState, DeliveryNext, DeliveryCode: Integer;
    DeliveryHebrew, DeliveryEnglish, DeliveryDate, DeliveryOperator: string;
    { Unix time in seconds. }
    Timestamp: Int64;
    { The phone number in the service's form. }
    Number: string;
    { The id and the sender of an accepted message. }
    Unique, Sender: string;
    property Code: Integer read GetCode;
    property Reached: Integer read GetReached;
    { True only after a check of the right code. }
    property Verified: Boolean read GetVerified;
    property Message: string read FMessage;
  end;

  EVerifySms = class(Exception)
  public
    { Repeat the call only if Answer.Reached is VERIFYSMS_REACHED_NO. }
    Answer: TVerifySmsAnswer;
  end;

  { A phone number in the forms that services and databases want. }
  TVerifySmsPhone = record
    { 0501234567, and +972501234567. }
    Number, E164: string;
    { A hint, as numbers are ported: VERIFYSMS_PHONE_MOBILE and so on. }
    Kind: Integer;
    { 0, or which rule of TVerifySms.RuleName the text breaks; then it is no number. }
    Rule: Integer;
  end;

  { One thing that is wrong with a message, a VERIFYSMS_WARNING_; Position -1 is the whole text. }
  TVerifySmsWarning = record
    Kind, Position: Integer;
    Text: string;
  end;

  { What a message costs, Encoding a VERIFYSMS_ENCODING_, and what is wrong with it. }
  TVerifySmsInspection = record
    Encoding, Length, Parts: Integer;
    Warnings: array of TVerifySmsWarning;
  end;

  { They are called in the thread of the call. What they raise is lost; that of an interrupt ends the call. }
  TVerifySmsLog = procedure(Level: Integer; const Line: string) of object;
  { How a call ended: Event is a VERIFYSMS_EVENT_, Limit the limit that refused it, or 0. }
  TVerifySmsEvent = procedure(Event, Code, Reached, Milliseconds, Attempt: Integer; Reused: Boolean;
    Limit: Integer) of object;
  TVerifySmsInterrupt = function: Boolean of object;

  { The settings of a client, made by Make; '', 0, False and nil keep the library's defaults. }
  TVerifySmsSettings = record
  private
    FApiKey: string;
    FLimits: array of array[0..2] of Integer;
  public
    Sender, Template, Url, DeliveryUrl, Proxy, CaFile: string;
    Guard, GuardSecret, GuardNamespace: string;
    { No limits on sends and tries. }
    NoGuard: Boolean;
    GuardTimeoutMs, GuardFailure: Integer;
    { Use no proxy, whatever the environment says. }
    NoProxy: Boolean;
    AllowHttp: Boolean;
    TimeoutMs, ConnectTimeoutMs, Trust: Integer;
    { Gets each line of the log. }
    OnLog: TVerifySmsLog;
    { Is told of the end of each call, for counters. }
    OnEvent: TVerifySmsEvent;
    { Is asked while a call waits: True ends it. }
    OnInterrupt: TVerifySmsInterrupt;
    class function Make(const ApiKey: string): TVerifySmsSettings; static;
    { At most so many in so many seconds; 0: no limit of this kind, a VERIFYSMS_LIMIT_. }
    procedure Limit(Kind, Most, Seconds: Integer);
  end;

  TVerifySms = class
  private
    FClient: Pointer;
    FOnLog: TVerifySmsLog;
    FOnEvent: TVerifySmsEvent;
    FOnInterrupt: TVerifySmsInterrupt;
    function Take(AResult: Pointer): TVerifySmsAnswer;
    function About(const Number, Sender, Template, EndUser: string; TimeoutMs: Integer;
      const Origin: string = ''; const AppHash: string = ''): Pointer;
  public
    { '' and 0 keep the library's defaults. }
    constructor Create(const ApiKey, Sender: string; const Url: string = '';
      const Template: string = ''; TimeoutMs: Integer = 0); overload;
    constructor Create(const Settings: TVerifySmsSettings); overload;
    destructor Destroy; override;
    { Opens a connection ahead of the next call: when somebody is about to type a number. }
    procedure Connect;
    { Sends a code to a phone number by SMS, if need be with another sender, text or deadline than the client's,
      for an end user whose sends the guard counts. The text gets a line for the origin of a page, such as
      example.co.il, and one for the hash of an Android app, which may fill the code in. }
    function Send(const Number: string; const Sender: string = '';
      const Template: string = ''; const EndUser: string = ''; TimeoutMs: Integer = 0;
      const Origin: string = ''; const AppHash: string = ''): TVerifySmsAnswer;
    { True only if the number is verified. }
    function Check(const Number, Typed: string; out Answer: TVerifySmsAnswer; const EndUser: string = '';
      TimeoutMs: Integer = 0): Boolean;
    { Forgets what the guard knows of a number: for a call centre that unlocks a person. }
    procedure Forget(const Number: string);
    { How far the limits of a number are used, as a text. }
    function GuardShow(const Number: string): string;
    { What became of a message, by the Unique of its send. It verifies nobody. }
    function Delivery(const Unique: string): TVerifySmsAnswer;
    { Ends the calls of other threads, with VERIFYSMS_CANCELLED. }
    procedure Cancel;
    { The name of an event, for example VERIFIED. }
    class function EventName(Event: Integer): string;
    { The name of a limit, for example SENDS_NUMBER. }
    class function LimitName(Limit: Integer): string;
    { The name of a rule, for example PHONE_TOO_SHORT. }
    class function RuleName(Rule: Integer): string;
    { The sentence that a new code can be asked for in so many seconds, in Hebrew for 'he', otherwise in English. }
    class function WaitText(Seconds: Integer; const Language: string): string;
    { A phone number as people write it. }
    class function Phone(const Text: string): TVerifySmsPhone;
    { Inspects a message with a code of so many digits, before it is sent. Origin is the host of a page; '' for none. }
    class function Inspect(const Template: string; const Sender: string = ''; const Origin: string = '';
      Digits: Integer = 8): TVerifySmsInspection;
    { The version of the loaded library. }
    class function Version: string;
  end;

implementation

const
  LIB = {$IFDEF MSWINDOWS}'verifysms-1.dll'{$ELSE}'verifysms'{$ENDIF};

type
  TLogFunction = procedure(Data: Pointer; Level: Integer; Line: PAnsiChar); cdecl;
  TEventFunction = procedure(Data: Pointer; Event, Code, Reached, Milliseconds, Attempt, Reused, Limit: Integer); cdecl;
  TInterruptFunction = function(Data: Pointer): Integer; cdecl;
  TSetText = function(Config: Pointer; Text: PAnsiChar): Integer; cdecl;
  TSetNumber = function(Config: Pointer; Number: Integer): Integer; cdecl;

function verifysms_config_new(Key: PAnsiChar): Pointer; cdecl; external LIB;
function verifysms_config_set_sender(Config: Pointer; Text: PAnsiChar): Integer; cdecl; external LIB;
function verifysms_config_set_message(Config: Pointer; Text: PAnsiChar): Integer; cdecl; external LIB;
function verifysms_config_set_url(Config: Pointer; Text: PAnsiChar): Integer; cdecl; external LIB;
function verifysms_config_set_delivery_url(Config: Pointer; Text: PAnsiChar): Integer; cdecl; external LIB;
function verifysms_config_set_timeout_ms(Config: Pointer; Ms: Integer): Integer; cdecl; external LIB;
function verifysms_config_set_connect_timeout_ms(Config: Pointer; Ms: Integer): Integer; cdecl; external LIB;
function verifysms_config_set_proxy(Config: Pointer; Text: PAnsiChar): Integer; cdecl; external LIB;
function verifysms_config_set_ca_file(Config: Pointer; Text: PAnsiChar): Integer; cdecl; external LIB;
function verifysms_config_set_trust(Config: Pointer; Trust: Integer): Integer; cdecl; external LIB;
function verifysms_config_set_allow_http(Config: Pointer; Yes: Integer): Integer; cdecl; external LIB;
function verifysms_config_set_log(Config: Pointer; Log: TLogFunction; Data: Pointer): Integer; cdecl; external LIB;
function verifysms_config_set_event(Config: Pointer; Event: TEventFunction; Data: Pointer): Integer; cdecl;
  external LIB;
function verifysms_config_set_interrupt(Config: Pointer; Interrupt: TInterruptFunction; Data: Pointer): Integer; cdecl;
  external LIB;
function verifysms_config_set_guard(Config: Pointer; Text: PAnsiChar): Integer; cdecl; external LIB;
function verifysms_config_set_limit(Config: Pointer; Limit, Most, Seconds: Integer): Integer; cdecl; external LIB;
function verifysms_config_set_guard_secret(Config: Pointer; Text: PAnsiChar): Integer; cdecl; external LIB;
function verifysms_config_set_guard_namespace(Config: Pointer; Text: PAnsiChar): Integer; cdecl; external LIB;
function verifysms_config_set_guard_timeout_ms(Config: Pointer; Ms: Integer): Integer; cdecl; external LIB;
function verifysms_config_set_guard_failure(Config: Pointer; Failure: Integer): Integer; cdecl; external LIB;
function verifysms_config_error(Config: Pointer): PAnsiChar; cdecl; external LIB;
function verifysms_config_rule(Config: Pointer): Integer; cdecl; external LIB;
procedure verifysms_config_free(Config: Pointer); cdecl; external LIB;
function verifysms_client_new(Config: Pointer): Pointer; cdecl; external LIB;
procedure verifysms_client_cancel(Client: Pointer); cdecl; external LIB;
procedure verifysms_client_free(Client: Pointer); cdecl; external LIB;
function verifysms_client_connect(Client: Pointer): Pointer; cdecl; external LIB;
function verifysms_request_new(Number: PAnsiChar): Pointer; cdecl; external LIB;
function verifysms_request_set_end_user(Request: Pointer; Text: PAnsiChar): Integer; cdecl; external LIB;
function verifysms_request_set_sender(Request: Pointer; Text: PAnsiChar): Integer; cdecl; external LIB;
function verifysms_request_set_message(Request: Pointer; Text: PAnsiChar): Integer; cdecl; external LIB;
function verifysms_request_set_origin(Request: Pointer; Text: PAnsiChar): Integer; cdecl; external LIB;
function verifysms_request_set_app_hash(Request: Pointer; Text: PAnsiChar): Integer; cdecl; external LIB;
function verifysms_request_set_timeout_ms(Request: Pointer; Ms: Integer): Integer; cdecl; external LIB;
procedure verifysms_request_free(Request: Pointer); cdecl; external LIB;
function verifysms_send_request(Client, Request: Pointer): Pointer; cdecl; external LIB;
function verifysms_check_request(Client, Request: Pointer; Code: PAnsiChar): Pointer; cdecl; external LIB;
function verifysms_delivery(Client: Pointer; Unique: PAnsiChar): Pointer; cdecl; external LIB;
function verifysms_forget(Client: Pointer; Number: PAnsiChar): Pointer; cdecl; external LIB;
function verifysms_guard_show(Client: Pointer; Number: PAnsiChar): Pointer; cdecl; external LIB;
function verifysms_result_code(Result_: Pointer): Integer; cdecl; external LIB;
function verifysms_result_reached(Result_: Pointer): Integer; cdecl; external LIB;
function verifysms_result_rule(Result_: Pointer): Integer; cdecl; external LIB;
function verifysms_result_reason(Result_: Pointer): Integer; cdecl; external LIB;
function verifysms_result_status(Result_: Pointer): Integer; cdecl; external LIB;
function verifysms_result_http_status(Result_: Pointer): Integer; cdecl; external LIB;
function verifysms_result_limit(Result_: Pointer): Integer; cdecl; external LIB;
function verifysms_result_retry_after(Result_: Pointer): Integer; cdecl; external LIB;
function verifysms_result_tries_left(Result_: Pointer): Integer; cdecl; external LIB;
function verifysms_result_timestamp(Result_: Pointer): Int64; cdecl; external LIB;
function verifysms_result_unique(Result_: Pointer): PAnsiChar; cdecl; external LIB;
function verifysms_result_sender(Result_: Pointer): PAnsiChar; cdecl; external LIB;
function verifysms_result_to(Result_: Pointer): PAnsiChar; cdecl; external LIB;
function verifysms_result_message(Result_: Pointer): PAnsiChar; cdecl; external LIB;
function verifysms_result_delivery_state(Result_: Pointer): Integer; cdecl; external LIB;
function verifysms_result_delivery_next(Result_: Pointer): Integer; cdecl; external LIB;
function verifysms_result_delivery_code(Result_: Pointer): Integer; cdecl; external LIB;
function verifysms_result_delivery_hebrew(Result_: Pointer): PAnsiChar; cdecl; external LIB;
function verifysms_result_delivery_english(Result_: Pointer): PAnsiChar; cdecl; external LIB;
function verifysms_result_delivery_date(Result_: Pointer): PAnsiChar; cdecl; external LIB;
function verifysms_result_delivery_operator(Result_: Pointer): PAnsiChar; cdecl; external LIB;
function verifysms_result_user_text(Result_: Pointer; Language: PAnsiChar): PAnsiChar; cdecl; external LIB;
procedure verifysms_result_free(Result_: Pointer); cdecl; external LIB;
function verifysms_wait_text(Seconds: Integer; Language, Buffer: PAnsiChar; Size: Integer): Integer; cdecl; external LIB;
function verifysms_phone_normalize(Text, Buffer: PAnsiChar; Size: Integer): Integer; cdecl; external LIB;
function verifysms_phone_e164(Text, Buffer: PAnsiChar; Size: Integer): Integer; cdecl; external LIB;
function verifysms_phone_kind(Text: PAnsiChar): Integer; cdecl; external LIB;
function verifysms_message_inspect(Text, Sender, Origin: PAnsiChar): Pointer; cdecl; external LIB;
function verifysms_message_encoding(Found: Pointer): Integer; cdecl; external LIB;
function verifysms_message_length(Found: Pointer; Digits: Integer): Integer; cdecl; external LIB;
function verifysms_message_parts(Found: Pointer; Digits: Integer): Integer; cdecl; external LIB;
function verifysms_message_warning_count(Found: Pointer): Integer; cdecl; external LIB;
function verifysms_message_warning(Found: Pointer; Index: Integer): Integer; cdecl; external LIB;
function verifysms_message_warning_position(Found: Pointer; Index: Integer): Integer; cdecl; external LIB;
function verifysms_message_warning_text(Found: Pointer; Index: Integer): PAnsiChar; cdecl; external LIB;
procedure verifysms_message_free(Found: Pointer); cdecl; external LIB;
function verifysms_rule_name(Rule: Integer): PAnsiChar; cdecl; external LIB;
function verifysms_event_name(Event: Integer): PAnsiChar; cdecl; external LIB;
function verifysms_limit_name(Limit: Integer): PAnsiChar; cdecl; external LIB;
function verifysms_version: PAnsiChar; cdecl; external LIB;

{ Every call has a message, and only strings are initialized everywhere. }
function TVerifySmsAnswer.GetCode: Integer;
begin
  if FMessage = '' then Result := VERIFYSMS_INTERNAL else Result := FCode;
end;

function TVerifySmsAnswer.GetReached: Integer;
begin
  if FMessage = '' then Result := VERIFYSMS_REACHED_UNKNOWN else Result := FReached;
end;

function TVerifySmsAnswer.GetVerified: Boolean;
begin
  Result := (Code = VERIFYSMS_OK) and (Status = 1);
end;

function FromUtf8(Text: PAnsiChar): string;
begin
  {$IFDEF UNICODE}Result := UTF8ToString(Text);{$ELSE}Result := Text;{$ENDIF}
end;

procedure Complain(const Answer: TVerifySmsAnswer);
var
  Failure: EVerifySms;
begin
  Failure := EVerifySms.Create(Answer.Message);
  Failure.Answer := Answer;
  raise Failure;
end;

procedure Refuse(const Why: string; Rule: Integer = 0);
var
  Refusal: TVerifySmsAnswer;
begin
  Refusal := Default(TVerifySmsAnswer);
  Refusal.FCode := VERIFYSMS_INVALID_ARGUMENT;
  Refusal.FMessage := Why;
  Refusal.Rule := Rule;
  Refusal.TriesLeft := -1;
  Refusal.DeliveryCode := VERIFYSMS_DELIVERY_CODE_NONE;
  Complain(Refusal);
end;

{ A text in UTF-8. C ends a text at a NUL, and would send another one. }
function Utf8(const Text: string): AnsiString;
begin
  if Pos(#0, Text) > 0 then
    Refuse('a text has a NUL in it');
  {$IFDEF UNICODE}Result := UTF8Encode(Text);{$ELSE}Result := Text;{$ENDIF}
end;

class function TVerifySmsSettings.Make(const ApiKey: string): TVerifySmsSettings;
begin
  Result := Default(TVerifySmsSettings);
  Result.FApiKey := ApiKey;
end;

procedure TVerifySmsSettings.Limit(Kind, Most, Seconds: Integer);
begin
  SetLength(FLimits, Length(FLimits) + 1);
  FLimits[High(FLimits)][0] := Kind;
  FLimits[High(FLimits)][1] := Most;
  FLimits[High(FLimits)][2] := Seconds;
end;

{ No exception passes C. }
procedure WriteLog(Data: Pointer; Level: Integer; Line: PAnsiChar); cdecl;
begin
  try
    TVerifySms(Data).FOnLog(Level, FromUtf8(Line));
  except
  end;
end;

procedure Count(Data: Pointer; Event, Code, Reached, Milliseconds, Attempt, Reused, Limit: Integer); cdecl;
begin
  try
    TVerifySms(Data).FOnEvent(Event, Code, Reached, Milliseconds, Attempt, Reused <> 0, Limit);
  except
  end;
end;

function IsInterrupted(Data: Pointer): Integer; cdecl;
begin
  Result := 1;
  try
    Result := Ord(TVerifySms(Data).FOnInterrupt());
  except
  end;
end;

constructor TVerifySms.Create(const ApiKey, Sender, Url, Template: string; TimeoutMs: Integer);
var
  Settings: TVerifySmsSettings;
begin
  Settings := TVerifySmsSettings.Make(ApiKey);
  Settings.Sender := Sender;
  Settings.Url := Url;
  Settings.Template := Template;
  Settings.TimeoutMs := TimeoutMs;
  Create(Settings);
end;

constructor TVerifySms.Create(const Settings: TVerifySmsSettings);
var
  Config: Pointer;
  I: Integer;

  procedure Text(Setter: TSetText; const Value: string);
  begin
    if Value <> '' then
      Setter(Config, PAnsiChar(Utf8(Value)));
  end;

  procedure Number(Setter: TSetNumber; Value: Integer);
  begin
    if Value <> 0 then
      Setter(Config, Value);
  end;

begin
  inherited Create;
  Config := verifysms_config_new(PAnsiChar(Utf8(Settings.FApiKey)));
  try
    Text(verifysms_config_set_sender, Settings.Sender);
    Text(verifysms_config_set_message, Settings.Template);
    Text(verifysms_config_set_url, Settings.Url);
    Text(verifysms_config_set_delivery_url, Settings.DeliveryUrl);
    Text(verifysms_config_set_proxy, Settings.Proxy);
    Text(verifysms_config_set_ca_file, Settings.CaFile);
    Number(verifysms_config_set_timeout_ms, Settings.TimeoutMs);
    Number(verifysms_config_set_connect_timeout_ms, Settings.ConnectTimeoutMs);
    Number(verifysms_config_set_trust, Settings.Trust);
    Number(verifysms_config_set_allow_http, Ord(Settings.AllowHttp));
    Text(verifysms_config_set_guard, Settings.Guard);
    Text(verifysms_config_set_guard_secret, Settings.GuardSecret);
    Text(verifysms_config_set_guard_namespace, Settings.GuardNamespace);
    Number(verifysms_config_set_guard_timeout_ms, Settings.GuardTimeoutMs);
    Number(verifysms_config_set_guard_failure, Settings.GuardFailure);
    for I := 0 to High(Settings.FLimits) do
      verifysms_config_set_limit(Config, Settings.FLimits[I][0], Settings.FLimits[I][1], Settings.FLimits[I][2]);
    if Settings.NoGuard then
      verifysms_config_set_guard(Config, nil);
    if Settings.NoProxy then
      verifysms_config_set_proxy(Config, '');
    FOnLog := Settings.OnLog;
    if Assigned(FOnLog) then
      verifysms_config_set_log(Config, WriteLog, Self);
    FOnEvent := Settings.OnEvent;
    if Assigned(FOnEvent) then
      verifysms_config_set_event(Config, Count, Self);
    FOnInterrupt := Settings.OnInterrupt;
    if Assigned(FOnInterrupt) then
      verifysms_config_set_interrupt(Config, IsInterrupted, Self);
    FClient := verifysms_client_new(Config);
    if FClient = nil then
      Refuse(FromUtf8(verifysms_config_error(Config)), verifysms_config_rule(Config));
  finally
    verifysms_config_free(Config);
  end;
end;

destructor TVerifySms.Destroy;
begin
  verifysms_client_free(FClient);
  inherited Destroy;
end;

function TVerifySms.Take(AResult: Pointer): TVerifySmsAnswer;
begin
  Result.FCode := verifysms_result_code(AResult);
  Result.FReached := verifysms_result_reached(AResult);
  Result.Rule := verifysms_result_rule(AResult);
  Result.UserTextHe := FromUtf8(verifysms_result_user_text(AResult, 'he'));
  Result.UserTextEn := FromUtf8(verifysms_result_user_text(AResult, 'en'));
  Result.Reason := verifysms_result_reason(AResult);
  Result.Status := verifysms_result_status(AResult);
  Result.HttpStatus := verifysms_result_http_status(AResult);
  Result.Limit := verifysms_result_limit(AResult);
  Result.RetryAfter := verifysms_result_retry_after(AResult);
  Result.TriesLeft := verifysms_result_tries_left(AResult);
  Result.DeliveryState := verifysms_result_delivery_state(AResult);
  Result.DeliveryNext := verifysms_result_delivery_next(AResult);
  Result.DeliveryCode := verifysms_result_delivery_code(AResult);
  Result.DeliveryHebrew := FromUtf8(verifysms_result_delivery_hebrew(AResult));
  Result.DeliveryEnglish := FromUtf8(verifysms_result_delivery_english(AResult));
  Result.DeliveryDate := FromUtf8(verifysms_result_delivery_date(AResult));
  Result.DeliveryOperator := FromUtf8(verifysms_result_delivery_operator(AResult));
  Result.Timestamp := verifysms_result_timestamp(AResult);
  Result.Number := FromUtf8(verifysms_result_to(AResult));
  Result.Unique := FromUtf8(verifysms_result_unique(AResult));
  Result.Sender := FromUtf8(verifysms_result_sender(AResult));
  Result.FMessage := FromUtf8(verifysms_result_message(AResult));
  verifysms_result_free(AResult);
end;

procedure TVerifySms.Connect;
var
  Answer: TVerifySmsAnswer;
begin
  Answer := Take(verifysms_client_connect(FClient));
  if Answer.Code <> VERIFYSMS_OK then
    Complain(Answer);
end;

function TVerifySms.About(const Number, Sender, Template, EndUser: string; TimeoutMs: Integer;
  const Origin, AppHash: string): Pointer;
var
  ForC: array[0..5] of AnsiString;
begin
  { A text may be refused here; after that nothing raises. }
  ForC[0] := Utf8(Number);
  ForC[1] := Utf8(Sender);
  ForC[2] := Utf8(Template);
  ForC[3] := Utf8(EndUser);
  ForC[4] := Utf8(Origin);
  ForC[5] := Utf8(AppHash);
  Result := verifysms_request_new(PAnsiChar(ForC[0]));
  if Sender <> '' then
    verifysms_request_set_sender(Result, PAnsiChar(ForC[1]));
  if Template <> '' then
    verifysms_request_set_message(Result, PAnsiChar(ForC[2]));
  if EndUser <> '' then
    verifysms_request_set_end_user(Result, PAnsiChar(ForC[3]));
  if Origin <> '' then
    verifysms_request_set_origin(Result, PAnsiChar(ForC[4]));
  if AppHash <> '' then
    verifysms_request_set_app_hash(Result, PAnsiChar(ForC[5]));
  if TimeoutMs <> 0 then
    verifysms_request_set_timeout_ms(Result, TimeoutMs);
end;

function TVerifySms.Send(const Number, Sender, Template, EndUser: string; TimeoutMs: Integer;
  const Origin, AppHash: string): TVerifySmsAnswer;
var
  Request, Sent: Pointer;
begin
  Request := About(Number, Sender, Template, EndUser, TimeoutMs, Origin, AppHash);
  Sent := verifysms_send_request(FClient, Request);
  verifysms_request_free(Request);
  Result := Take(Sent);
  if Result.Code <> VERIFYSMS_OK then
    Complain(Result);
end;

function TVerifySms.Check(const Number, Typed: string; out Answer: TVerifySmsAnswer; const EndUser: string;
  TimeoutMs: Integer): Boolean;
var
  Request, Checked: Pointer;
  Code: AnsiString;
begin
  { No earlier answer is left in it, also if the call raises. }
  Answer := Default(TVerifySmsAnswer);
  Code := Utf8(Typed);
  Request := About(Number, '', '', EndUser, TimeoutMs);
  Checked := verifysms_check_request(FClient, Request, PAnsiChar(Code));
  verifysms_request_free(Request);
  Answer := Take(Checked);
  if (Answer.Code <> VERIFYSMS_OK) and (Answer.Code <> VERIFYSMS_NOT_VERIFIED) then
    Complain(Answer);
  Result := Answer.Verified;
end;

procedure TVerifySms.Forget(const Number: string);
var
  Answer: TVerifySmsAnswer;
begin
  Answer := Take(verifysms_forget(FClient, PAnsiChar(Utf8(Number))));
  if Answer.Code <> VERIFYSMS_OK then
    Complain(Answer);
end;

function TVerifySms.GuardShow(const Number: string): string;
var
  Answer: TVerifySmsAnswer;
begin
  Answer := Take(verifysms_guard_show(FClient, PAnsiChar(Utf8(Number))));
  if Answer.Code <> VERIFYSMS_OK then
    Complain(Answer);
  Result := Answer.Message;
end;

function TVerifySms.Delivery(const Unique: string): TVerifySmsAnswer;
begin
  Result := Take(verifysms_delivery(FClient, PAnsiChar(Utf8(Unique))));
  if Result.Code <> VERIFYSMS_OK then
    Complain(Result);
end;

procedure TVerifySms.Cancel;
begin
  verifysms_client_cancel(FClient);
end;

class function TVerifySms.EventName(Event: Integer): string;
begin
  Result := FromUtf8(verifysms_event_name(Event));
end;

class function TVerifySms.LimitName(Limit: Integer): string;
begin
  Result := FromUtf8(verifysms_limit_name(Limit));
end;

class function TVerifySms.RuleName(Rule: Integer): string;
begin
  Result := FromUtf8(verifysms_rule_name(Rule));
end;

class function TVerifySms.WaitText(Seconds: Integer; const Language: string): string;
var
  Buffer: array[0..255] of AnsiChar;
begin
  verifysms_wait_text(Seconds, PAnsiChar(Utf8(Language)), Buffer, SizeOf(Buffer));
  Result := FromUtf8(Buffer);
end;

class function TVerifySms.Phone(const Text: string): TVerifySmsPhone;
var
  ForC: AnsiString;
  Local, International: array[0..15] of AnsiChar;
begin
  ForC := Utf8(Text);
  Result.Rule := verifysms_phone_normalize(PAnsiChar(ForC), Local, SizeOf(Local));
  verifysms_phone_e164(PAnsiChar(ForC), International, SizeOf(International));
  Result.Number := FromUtf8(Local);
  Result.E164 := FromUtf8(International);
  Result.Kind := verifysms_phone_kind(PAnsiChar(ForC));
end;

class function TVerifySms.Inspect(const Template, Sender, Origin: string; Digits: Integer): TVerifySmsInspection;
var
  ForC: array[0..2] of AnsiString;
  Optional: array[1..2] of PAnsiChar;
  Found: Pointer;
  I: Integer;
begin
  ForC[0] := Utf8(Template);
  ForC[1] := Utf8(Sender);
  ForC[2] := Utf8(Origin);
  for I := 1 to 2 do
    if ForC[I] = '' then Optional[I] := nil else Optional[I] := PAnsiChar(ForC[I]);
  Found := verifysms_message_inspect(PAnsiChar(ForC[0]), Optional[1], Optional[2]);
  if Found = nil then
    Refuse('message: is no text');
  try
    Result.Encoding := verifysms_message_encoding(Found);
    Result.Length := verifysms_message_length(Found, Digits);
    Result.Parts := verifysms_message_parts(Found, Digits);
    Result.Warnings := nil;
    SetLength(Result.Warnings, verifysms_message_warning_count(Found));
    for I := 0 to High(Result.Warnings) do
    begin
      Result.Warnings[I].Kind := verifysms_message_warning(Found, I);
      Result.Warnings[I].Position := verifysms_message_warning_position(Found, I);
      Result.Warnings[I].Text := FromUtf8(verifysms_message_warning_text(Found, I));
    end;
  finally
    verifysms_message_free(Found);
  end;
end;

class function TVerifySms.Version: string;
begin
  Result := FromUtf8(verifysms_version);
end;

end.
