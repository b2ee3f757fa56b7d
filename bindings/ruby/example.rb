# frozen_string_literal: true

# example.rb send NUMBER sends a code, example.rb check NUMBER CODE checks it, example.rb connect only
# opens a connection. The exit status is the library's code: 0 only if connected, sent, or verified.
# Reads VERIFYSMS_API_KEY, _SENDER, _URL and _GUARD: file:/path keeps the counts from one run to the next.
$LOAD_PATH.push(__dir__)
require 'verifysms'

def tell(code, answer)
  puts "code #{code}, reached 1, number #{answer.to}: #{answer.message}"
end

asked, number, typed = ARGV
puts "verifysms #{VerifySms.version}"
begin
  client = VerifySms::Client.new(
    api_key: ENV['VERIFYSMS_API_KEY'], sender: ENV['VERIFYSMS_SENDER'], url: ENV['VERIFYSMS_URL'],
    guard: ENV['VERIFYSMS_GUARD']
  )
  case asked
  when 'connect'
    client.connect
    puts 'code 0, reached 0: connected'
  when 'check'
    said = nil
    verified = client.check(number, typed) { |answer| said = answer }
    tell(verified ? 0 : 2, said)
    puts verified ? 'the number is theirs' : 'let the person type again'
    exit(verified ? 0 : 2)
  when 'send'
    client.send_code(number) do |answer|
      tell(0, answer)
      puts "message #{answer.unique} at #{Time.at(answer.timestamp)}"
    end
  else
    raise VerifySms::Error, 'send NUMBER, check NUMBER CODE, or connect'
  end
rescue VerifySms::Error => e
  puts "code #{e.code}, reached #{e.reached}: #{e.message}"
  puts "wait #{e.retry_after} s" if e.code == VerifySms::LIMITED
  puts 'it may have arrived: do not repeat it' if e.reached == VerifySms::REACHED_UNKNOWN
  exit e.code
end
