# frozen_string_literal: true

# How a program ends or goes on when a function of it leaves in the way HOW.
require 'verifysms'

def client(**settings)
  VerifySms::Client.new(api_key: ENV.fetch('VERIFYSMS_API_KEY'), sender: 'Acme', url: ENV.fetch('VERIFYSMS_URL'),
                        no_guard: true, **settings)
end

# How a check ended: with an answer, a throw, or what it raised.
def checked(client)
  catch(:halt) { client.check('0501234567', '000000') ? 'verified' : 'not verified' } || 'thrown'
rescue StandardError => e
  e.message
end

# How many descriptors are lost in many checks.
def lost(client)
  descriptors = -> { Dir.children('/proc/self/fd').size }
  # Until as many connections are kept as ever.
  20.times { checked(client) }
  before = descriptors.call
  20.times { checked(client) }
  descriptors.call - before
end

def strictly
  def Warning.warn(*) = raise('strict')
end

case ARGV[0]
when 'throw of log' then log = ->(*) { throw :halt }
when 'throw of event' then event = ->(*) { throw :halt }
when 'throw of interrupt' then interrupt = -> { throw :halt }
when 'raise of log under strict warnings'
  strictly
  log = ->(*) { raise 'the disk is full' }
when 'raise of interrupt under strict warnings'
  strictly
  interrupt = -> { raise 'enough' }
end
client = client(log: log, event: event, interrupt: interrupt)
puts checked(client)
puts "#{lost(client)} lost" unless interrupt
puts 'over'
