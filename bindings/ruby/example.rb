# frozen_string_literal: true

# example.rb NUMBER has a code texted, example.rb NUMBER CODE checks it. The exit status is the
# library's code: 0 only if sent, or verified. Reads VERIFYSMS_API_KEY, _SENDER and _URL.
require_relative 'verifysms'

number, typed = ARGV
puts "verifysms #{VerifySms.version}"
begin
  client = VerifySms::Client.new(
    api_key: ENV['VERIFYSMS_API_KEY'], sender: ENV['VERIFYSMS_SENDER'], url: ENV['VERIFYSMS_URL']
  )
  answer = typed ? client.check(number, typed) : client.send_code(number)
  puts "code #{answer.code}, reached #{answer.reached}: #{answer.message}"
  if !typed
    puts "message #{answer.unique} at #{Time.at(answer.timestamp)}"
  elsif answer.verified?
    puts 'the number is theirs'
  else
    puts 'let the person type again'
  end
  exit answer.code
rescue VerifySms::Error => e
  puts "code #{e.code}, reached #{e.reached}: #{e.message}"
  puts 'it may have arrived: do not repeat it' if e.reached == VerifySms::REACHED_UNKNOWN
  exit e.code
end
