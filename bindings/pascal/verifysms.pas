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
  VERIFYSMS_REACHED_NO = 0;
  VERIFYSMS_REACHED_YES = 1;
  VERIFYSMS_REACHED_UNKNOWN = 2;

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
    Reason, Status: Integer;
    Timestamp: Int64;
    { The phone number in the service's form. }
    Number: string;
    Unique: string;
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

  TVerifySms = class
  private
    FClient: Pointer;
    function Take(AResult: Pointer): TVerifySmsAnswer;
  public
    { '' and 0 keep the library's defaults. }
    constructor Create(const ApiKey, Sender: string; const Url: string = '';
      const Template: string = ''; TimeoutMs: Integer = 0);
    destructor Destroy; override;
    { Opens a connection ahead of the next call: when somebody is about to type a number. }
    procedure Connect;
    { Sends a code to a phone number by SMS. }
    function Send(const Number: string): TVerifySmsAnswer;
    { True only if the number is verified. }
    function Check(const Number, Typed: string; out Answer: TVerifySmsAnswer): Boolean;
    { The version of the loaded library. }
    class function Version: string;
  end;

implementation

const
  LIB = {$IFDEF MSWINDOWS}'verifysms-1.dll'{$ELSE}'verifysms'{$ENDIF};

function verifysms_config_new(Key: PAnsiChar): Pointer; cdecl; external LIB;
function verifysms_config_set_sender(Config: Pointer; Text: PAnsiChar): Integer; cdecl; external LIB;
function verifysms_config_set_message(Config: Pointer; Text: PAnsiChar): Integer; cdecl; external LIB;
function verifysms_config_set_url(Config: Pointer; Text: PAnsiChar): Integer; cdecl; external LIB;
function verifysms_config_set_timeout_ms(Config: Pointer; Ms: Integer): Integer; cdecl; external LIB;
function verifysms_config_error(Config: Pointer): PAnsiChar; cdecl; external LIB;
procedure verifysms_config_free(Config: Pointer); cdecl; external LIB;
function verifysms_client_new(Config: Pointer): Pointer; cdecl; external LIB;
procedure verifysms_client_free(Client: Pointer); cdecl; external LIB;
function verifysms_client_connect(Client: Pointer): Pointer; cdecl; external LIB;
function verifysms_send(Client: Pointer; Number: PAnsiChar): Pointer; cdecl; external LIB;
function verifysms_check(Client: Pointer; Number, Code: PAnsiChar): Pointer; cdecl; external LIB;
function verifysms_result_code(Result_: Pointer): Integer; cdecl; external LIB;
function verifysms_result_reached(Result_: Pointer): Integer; cdecl; external LIB;
function verifysms_result_reason(Result_: Pointer): Integer; cdecl; external LIB;
function verifysms_result_status(Result_: Pointer): Integer; cdecl; external LIB;
function verifysms_result_timestamp(Result_: Pointer): Int64; cdecl; external LIB;
function verifysms_result_to(Result_: Pointer): PAnsiChar; cdecl; external LIB;
function verifysms_result_unique(Result_: Pointer): PAnsiChar; cdecl; external LIB;
function verifysms_result_message(Result_: Pointer): PAnsiChar; cdecl; external LIB;
procedure verifysms_result_free(Result_: Pointer); cdecl; external LIB;
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

procedure Refuse(const Why: string);
var
  Refusal: TVerifySmsAnswer;
begin
  Refusal := Default(TVerifySmsAnswer);
  Refusal.FCode := VERIFYSMS_INVALID_ARGUMENT;
  Refusal.FMessage := Why;
  Complain(Refusal);
end;

{ A text in UTF-8. C ends a text at a NUL, and would send another one. }
function Utf8(const Text: string): AnsiString;
begin
  if Pos(#0, Text) > 0 then
    Refuse('a text has a NUL in it');
  {$IFDEF UNICODE}Result := UTF8Encode(Text);{$ELSE}Result := Text;{$ENDIF}
end;

constructor TVerifySms.Create(const ApiKey, Sender, Url, Template: string; TimeoutMs: Integer);
var
  Config: Pointer;
begin
  inherited Create;
  Config := verifysms_config_new(PAnsiChar(Utf8(ApiKey)));
  try
    if Sender <> '' then
      verifysms_config_set_sender(Config, PAnsiChar(Utf8(Sender)));
    if Url <> '' then
      verifysms_config_set_url(Config, PAnsiChar(Utf8(Url)));
    if Template <> '' then
      verifysms_config_set_message(Config, PAnsiChar(Utf8(Template)));
    if TimeoutMs <> 0 then
      verifysms_config_set_timeout_ms(Config, TimeoutMs);
    FClient := verifysms_client_new(Config);
    if FClient = nil then
      Refuse(FromUtf8(verifysms_config_error(Config)));
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
  Result.Reason := verifysms_result_reason(AResult);
  Result.Status := verifysms_result_status(AResult);
  Result.Timestamp := verifysms_result_timestamp(AResult);
  Result.Number := FromUtf8(verifysms_result_to(AResult));
  Result.Unique := FromUtf8(verifysms_result_unique(AResult));
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

function TVerifySms.Send(const Number: string): TVerifySmsAnswer;
begin
  Result := Take(verifysms_send(FClient, PAnsiChar(Utf8(Number))));
  if Result.Code <> VERIFYSMS_OK then
    Complain(Result);
end;

function TVerifySms.Check(const Number, Typed: string; out Answer: TVerifySmsAnswer): Boolean;
begin
  { No earlier answer is left in it, also if the call raises. }
  Answer := Default(TVerifySmsAnswer);
  Answer := Take(verifysms_check(FClient, PAnsiChar(Utf8(Number)), PAnsiChar(Utf8(Typed))));
  if (Answer.Code <> VERIFYSMS_OK) and (Answer.Code <> VERIFYSMS_NOT_VERIFIED) then
    Complain(Answer);
  Result := Answer.Verified;
end;

class function TVerifySms.Version: string;
begin
  Result := FromUtf8(verifysms_version);
end;

end.
