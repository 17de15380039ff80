# -*- coding: utf-8 -*-
"""A wiki for tests/moin/check.py; read by Python 2, in a folder of its own."""
import os

from MoinMoin.auth import GivenAuth
from MoinMoin.config import multiconfig
from MoinMoin.security.antispam import SecurityPolicy as Antispam


class Config(multiconfig.DefaultConfig):
    here = os.path.dirname(os.path.abspath(__file__))
    data_dir = os.path.join(here, 'data')
    data_underlay_dir = os.path.join(here, 'underlay')
    sitename = u'Check'
    page_front_page = u'FrontPage'
    actions_excluded = []
    surge_action_limits = None
    acl_rights_default = u'All:read,write,delete,revert'
    acl_rights_before = u'AnnSmith:read,write,delete,revert,admin'
    edit_ticketing = False
    auth = [GivenAuth(env_var='HTTP_X_USER', autocreate=True)]
    SecurityPolicy = Antispam
    antispam_master_url = os.environ.get('MASTER', 'http://127.0.0.1:9/')
