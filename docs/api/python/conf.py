"""The reference of the Python package: what Sphinx reads."""

import koophone

project = "koophone"
author = "the koophone authors"
release = koophone.__version__
extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "inherited-members": "Exception,tuple,dict,str,int", "undoc-members": True}
